extension RequestObserver {
    /// The meanings of an endpoint's metrics, by name.
    package static let metrics = [
        "harbor_http_requests_total": "Requests that got a response, by listener, route, method and status.",
        "harbor_http_request_duration_seconds":
            "Time from a request's last byte until its response is handed to the kernel, by listener, route, method.",
        "harbor_http_answers_cut_total":
            """
        Streamed responses that ended early, by listener, route and reason: failed, dropped by the client, or \
        backlog (too many bytes waited for clients).
        """,
        "harbor_bodies_ended_total":
            """
        Request bodies cut off before they were complete, by listener and reason: budget (all bodies together were \
        too large), address (those of one address were), time, rate.
        """,
        "harbor_connections": "Connections open, by listener.",
        "harbor_connections_refused_total": "Connections that were not served, by reason.",
        "harbor_websockets": "WebSockets open, by listener.",
        "harbor_websockets_closed_total":
            "WebSockets that ended, by route and close code: a registered one, other, or lost.",
    ]
}
