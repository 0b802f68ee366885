package import Telemetry

/// What each metric means, in the words that a scraper shows. Gauges and counters that come from elsewhere at
/// scrape time are listed here too, so that this is the whole list.
package enum MetricDescriptions {
    /// Fixes per commit: powers of two up to what one unit holds.
    private static let rowBuckets: [Double] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096]
    /// From 1 ms, as a status read takes less and a commit little more.
    private static let secondBuckets: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    private static let counters: [(name: String, help: String)] = [
        ("harbor_http_requests_total", "Requests answered, by listener, route, method and status."),
        (
            "harbor_http_answers_cut_total",
            """
            Streamed answers that ended early, by listener, route and reason: failed, dropped by the client, or backlog, \
            when too much waited for clients.
            """
        ),
        (
            "harbor_tracks_refused_total",
            "Tracks refused because too many wait to be read, or too much waits for clients, by cause."
        ),
        (
            "harbor_tracks_cut_total",
            "Tracks cut because too much waited for clients, by bound: of a reader, or of the server."
        ),
        (
            "harbor_bodies_ended_total",
            "Request bodies ended before they were complete, by listener and reason: budget (all bodies together held too much), address (those of its address did), time, rate."
        ),
        ("harbor_connections_refused_total", "Connections that were not served, by reason."),
        (
            "harbor_websockets_closed_total",
            "WebSockets that ended, by route and close code: a registered one, other, or lost."
        ),
        ("harbor_fixes_accepted_total", "New fixes made durable."),
        ("harbor_fixes_duplicate_total", "Fixes that were stored before."),
        ("harbor_fixes_rejected_total", "Invalid fixes in POSTs that were taken."),
        ("harbor_commit_failures_total", "Units of fixes that were not made durable."),
        ("harbor_recorder_refused_total", "POSTs refused at once: no room, or the database is away."),
        ("harbor_ingest_rate_limited_total", "POSTs refused because of a partner's limit, by limit."),
        ("harbor_ingest_refused_total", "POSTs of fixes answered 401, by cause."),
        (
            "harbor_ingest_large_refused_total",
            "POSTs of large bodies answered 503 since too many bytes of all, or of one client, wait to be read, by cause."
        ),
        (
            "harbor_ingest_seen_evicted_total",
            "POSTs forgotten before their time, which could be sent to another fleet of their partner."
        ),
        ("harbor_recorder_overdue_total", "POSTs refused since they had waited for too long."),
        (
            "harbor_cold_lookups_refused_total",
            "Unknown keys (fleets, tokens, sessions, vehicles) that were not looked up: too many waited already, by cause: in all, or of one address (share)."
        ),
        (
            "harbor_session_writes_refused_total",
            "Sign-ins and sign-outs answered 503 since too many waited to be written, by cause: in all, or of one token or address (share)."
        ),
        ("harbor_cache_evicted_total", "Keys that had to go for others, by cache."),
        (
            "harbor_off_loop_refused_total",
            "Computations apart from the event loops that were refused: too many waited already."
        ),
        (
            "harbor_sign_ins_failed_total",
            "Sign-ins that failed, by reason: token (it is not valid), rate (too many failed from one address)."
        ),
        ("harbor_live_events_total", "Changes handed to live subscribers, each counted once."),
        (
            "harbor_live_dropped_total",
            "Changes that a loop was too far behind for; its subscribers start afresh."
        ),
        ("harbor_tracker_reloads_total", "Times a tracker loaded its fleet."),
        ("harbor_tracker_merges_total", "Times rows were merged into a tracker that had missed them."),
        (
            "harbor_database_exhausted_total",
            "Callers that waited for a connection in vain or were refused, by pool."
        ),
        (
            "harbor_database_lost_total",
            "Connections to PostgreSQL that were lost, and tries to connect that failed, by pool."
        ),
        (
            "harbor_database_breaker_opened_total",
            "Times that a pool began to refuse its callers because the database is away, by pool."
        ),
        (
            "harbor_database_sessions_renewed_total",
            "Sessions that were replaced since their state, a read-only default for example, might be old, by pool."
        ),
        ("harbor_partitions_made_total", "Partitions of fixes that this server made."),
        ("harbor_partitions_dropped_total", "Expired partitions of fixes that this server dropped."),
        ("harbor_partition_failures_total", "Runs of the partition keeper that left something undone."),
    ]

    private static let gauges: [(name: String, help: String)] = [
        ("harbor_connections", "Connections open, by listener."),
        ("harbor_websockets", "WebSockets open, by listener."),
        (
            "harbor_body_bytes",
            "Memory that bodies, heads and WebSocket messages take while they are received, by listener."
        ),
        ("harbor_tracks", "Tracks being read or waiting for their clients."),
        ("harbor_tracks_backlog_bytes", "Bytes set aside for tracks that wait for their clients."),
        ("harbor_track_places", "Tracks that read and encode a page at the moment."),
        ("harbor_track_waiters", "Tracks that wait for their turn to read a page."),
        ("harbor_recorder_rows", "Fixes admitted and not yet durable."),
        ("harbor_cache_keys", "Keys that are held, by cache."),
        ("harbor_off_loop_work", "Computations apart from the event loops that run or wait."),
        ("harbor_session_writes_waiting", "Sign-ins and sign-outs that wait to be written, of at most 64."),
        ("harbor_cold_lookups_waiting", "Unknown keys that are being looked up, of at most 64."),
        (
            "harbor_revision_age_seconds",
            "Time since this server last knew every change of fleets, partners and tokens."
        ),
        ("harbor_ingest_large_bytes", "Bytes of large bodies that wait to be read, or are being read."),
        ("harbor_ingest_seen_posts", "POSTs whose fleet is remembered, of partners with several."),
        ("harbor_trackers", "Trackers that serve."),
        ("harbor_tracker_mailbox_messages", "Messages that wait for trackers."),
        ("harbor_tracker_mailbox_longest", "Messages that wait for the tracker that has most."),
        ("harbor_tracker_restarts", "Restarts of the trackers that are there."),
        ("harbor_fleets_quarantined", "Fleets whose tracker failed too often."),
        ("harbor_live_subscriptions", "Topics with live subscribers, counted per loop."),
        ("harbor_database_connections", "Connections to PostgreSQL, by pool."),
        ("harbor_database_connections_leased", "Of them in use."),
        ("harbor_database_waiters", "Callers that wait for a connection, by pool."),
        ("harbor_database_available", "1 while a pool has a connection and its breaker is closed, else 0."),
        ("harbor_partitions", "Partitions of fixes, when last looked at."),
        ("harbor_partitions_missing", "Days of the retention and the next 7 without a partition."),
        ("harbor_partitions_expired", "Partitions past the retention that are still there."),
        ("harbor_partitions_oldest_timestamp_seconds", "First moment that has a partition, Unix time."),
        ("harbor_partitions_newest_timestamp_seconds", "First moment after the last partition, Unix time."),
        (
            "harbor_partitions_last_success_timestamp_seconds",
            "When the partition keeper last did all that was to do, Unix time."
        ),
    ]

    package static func add(to registry: PrometheusRegistry) {
        for (name, help) in counters + gauges { registry.describe(name, help) }
        registry.describe(
            "harbor_http_request_duration_seconds",
            "From a request's last byte to its answer's hand-over to the kernel, by listener, route and method.",
            buckets: secondBuckets)
        registry.describe(
            "harbor_commit_duration_seconds", "One unit of fixes made durable, or failed.",
            buckets: secondBuckets)
        registry.describe(
            "harbor_loop_turn_seconds",
            "CPU time of one turn of an event loop, by loop: the number of one that serves requests, or recorder."
        )
        registry.describe("harbor_commit_rows", "Fixes in a unit that was made durable.", buckets: rowBuckets)
    }
}
