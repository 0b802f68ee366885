extension RequestObserver {
    /// What the metrics of an endpoint mean.
    package static let metrics = [
        "harbor_http_requests_total": "Requests answered, by listener, route, method and status.",
        "harbor_http_request_duration_seconds":
            "From a request's last byte to its answer's hand-over to the kernel, by listener, route and method.",
        "harbor_http_answers_cut_total":
            """
        Streamed answers that ended early, by listener, route and reason: failed, dropped by the client, or backlog, \
        when too much waited for clients.
        """,
        "harbor_bodies_ended_total":
            "Request bodies ended before they were complete, by listener and reason: budget (all bodies together held too much), address (those of its address did), time, rate.",
        "harbor_connections": "Connections open, by listener.",
        "harbor_connections_refused_total": "Connections that were not served, by reason.",
        "harbor_websockets": "WebSockets open, by listener.",
        "harbor_websockets_closed_total":
            "WebSockets that ended, by route and close code: a registered one, other, or lost.",
    ]
}
