extension PublicSite {
    /// What the metrics of the site's routes mean.
    package static let metrics = [
        "harbor_tracks": "Tracks being read or waiting for their clients.",
        "harbor_tracks_backlog_bytes": "Bytes set aside for tracks that wait for their clients.",
        "harbor_track_places": "Tracks that read and encode a page at the moment.",
        "harbor_track_waiters": "Tracks that wait for their turn to read a page.",
        "harbor_tracks_refused_total":
            "Tracks refused because too many wait to be read, or too much waits for clients, by cause.",
        "harbor_tracks_cut_total":
            "Tracks cut because too much waited for clients, by bound: of a reader, or of the server.",
        "harbor_ingest_rate_limited_total": "POSTs refused because of a partner's limit, by limit.",
        "harbor_ingest_refused_total": "POSTs of fixes answered 401, by cause.",
        "harbor_ingest_large_refused_total":
            "POSTs of large bodies answered 503 since too many bytes of all, or of one client, wait to be read, by cause.",
        "harbor_ingest_large_bytes": "Bytes of large bodies that wait to be read, or are being read.",
        "harbor_ingest_seen_posts": "POSTs whose fleet is remembered, of partners with several.",
        "harbor_ingest_seen_evicted_total":
            "POSTs forgotten before their time, which could be sent to another fleet of their partner.",
        "harbor_off_loop_work": "Computations apart from the event loops that run or wait.",
        "harbor_off_loop_refused_total":
            "Computations apart from the event loops that were refused: too many waited already.",
        "harbor_sign_ins_failed_total":
            "Sign-ins that failed, by reason: token (it is not valid), rate (too many failed from one address).",
    ]
}
