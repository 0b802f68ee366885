package import Endpoint
package import EventLoops
internal import HTTP1
internal import HTTPTypes
package import Logging
internal import Metrics
package import Sockets
internal import Synchronization
internal import Telemetry
package import WebSockets

/// Counts what the listeners do, and writes the access log.
///
/// A label holds a route's pattern, a method and a status code, never a path, a fleet or a vehicle.
package final class RequestObserver: EndpointObserver {
    private let logger: Logger
    /// The logger's level, which does not change. Kept here because asking the logger copies its handler.
    private let lowestLevel: Logger.Level
    private let listener: String
    private let connections: Meter
    private let webSockets: Meter
    private let routeHandles: PerLoop<RouteHandles>
    private let failures = Mutex(RefusalLog())
    private let warnings: RareWarnings

    /// - Parameters:
    ///   - listener: `public` or `operations`, the label of all metrics.
    ///   - loops: the loops that serve requests; on them a repeated kind of request costs least.
    package init(listener: String, logger: Logger, loops: [EventLoop] = []) {
        routeHandles = PerLoop(loops) { RouteHandles() }
        self.listener = listener
        self.logger = logger
        warnings = RareWarnings(logger)
        lowestLevel = logger.logLevel
        connections = Meter(label: "harbor_connections", dimensions: [("listener", listener)])
        webSockets = Meter(label: "harbor_websockets", dimensions: [("listener", listener)])
        connections.set(0)
        webSockets.set(0)
    }

    package func connectionOpened() { connections.increment() }

    package func connectionClosed() { connections.decrement() }

    package func webSocketOpened(route: String) { webSockets.increment() }

    package func webSocketClosed(route: String, code: CloseCode?, duration: Duration) {
        webSockets.decrement()
        let closeCode = code.map(Self.label) ?? "lost"
        let dimensions = [("route", route), ("code", closeCode)]
        Counter(label: "harbor_websockets_closed_total", dimensions: dimensions).increment()
    }

    package func refused(_ refusal: Refusal, from address: SocketAddress?) {
        Counter(label: "harbor_connections_refused_total", dimensions: [("reason", refusal.rawValue)])
            .increment()
        var metadata: Logger.Metadata = ["reason": "\(refusal.rawValue)"]
        if let address { metadata["remote"] = "\(address.host)" }
        logger.debug("connection refused", metadata: metadata)
        guard refusal == .connectionsPerAddress else { return }
        // Helps the operator to distinguish a proxy that no setting names from an attack.
        warnings.warn(
            "an address has too many connections; if it is a proxy, add it to HARBOR_TRUSTED_PROXIES",
            of: refusal.rawValue, metadata)
    }

    /// The label of a close code, which the peer may choose freely. Codes in the registry (RFC 6455 section
    /// 7.4.1 and IANA: 1000 to 1014, with 1005 for a close without a code) have their own label; all others
    /// share one.
    static func label(_ code: CloseCode) -> String {
        switch code.rawValue {
        case 1000...1003, 1005, 1007...1014: "\(code.rawValue)"
        default: "other"
        }
    }

    package func bodyEnded(_ cause: BodyEnd) {
        let dimensions = [("listener", listener), ("reason", cause.rawValue)]
        Counter(label: "harbor_bodies_ended_total", dimensions: dimensions).increment()
    }

    package func responseFailed(_ error: any Error, requestID: String) {
        let metadata: Logger.Metadata = ["request_id": "\(requestID)", "error": "\(error)"]
        logger.warning("a response was cut short", metadata: metadata)
    }

    package func requestFinished(_ finished: FinishedRequest) {
        if let cut = finished.cut { count(cut, of: finished.route) }
        let handles = handles(of: finished)
        handles.count.increment()
        handles.seconds.recordNanoseconds(finished.nanoseconds)
        guard finished.status.kind == .serverError else { return log(finished, at: .debug) }
        logFailure(finished)
    }

    /// A failing `/ready` is not an error of the request; readiness changes are logged elsewhere, once each.
    private func logFailure(_ finished: FinishedRequest) {
        guard finished.route != HealthController.readyPath else { return log(finished, at: .debug) }
        guard finished.status == .serviceUnavailable else { return log(finished, at: .warning) }
        let unwritten = failures.withLock { $0.refused(finished.route, now: .now) }
        log(finished, at: unwritten == nil ? .debug : .warning, unwritten: unwritten ?? 0)
    }

    private func count(_ cut: StreamCut, of route: String) {
        let dimensions = [("listener", listener), ("route", route), ("reason", cut.rawValue)]
        Counter(label: "harbor_http_answers_cut_total", dimensions: dimensions).increment()
    }

    /// Reads are frequent, so they are logged at debug; failures of the server are logged as warnings.
    /// - Parameter unwritten: how many such lines were left out since the last one.
    private func log(_ finished: FinishedRequest, at level: Logger.Level, unwritten: Int = 0) {
        guard lowestLevel <= level else { return }
        var metadata: Logger.Metadata = [
            "request_id": "\(finished.requestID)",
            "method": "\(finished.request.map { Self.label($0.method) } ?? "-")",
            "route": "\(finished.route)",
            "status": .stringConvertible(finished.status.code),
            "duration_ms": .stringConvertible(Double(finished.nanoseconds) / 1_000_000),
            "remote": "\(finished.remoteAddress.host)",
            "received_bytes": .stringConvertible(finished.receivedBytes),
            "sent_bytes": .stringConvertible(finished.sentBytes),
        ]
        if let cut = finished.cut { metadata["cut"] = "\(cut.rawValue)" }
        metadata.add(unwritten: unwritten)
        logger.log(level: level, "request", metadata: metadata)
    }

    /// Clients choose the method: unknown ones share a label, so that clients cannot fill the registry.
    private static let methodLabels = [
        "GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH", "other", "none",
    ]

    private static func label(_ method: HTTPRequest.Method) -> String {
        methodLabels.contains(method.rawValue) ? method.rawValue : "other"
    }

    private func handles(of finished: FinishedRequest) -> RequestHandles {
        guard let known = routeHandles[finished.loop] else { return makeHandles(of: finished) }
        // Requests that no route handles come first, by their method.
        let index =
            finished.request?.routeMethodIndex.map { Self.methodLabels.count + $0 }
            ?? Self.methodLabels.firstIndex(of: Self.methodLabel(of: finished)) ?? 0
        return known.handles(of: index, status: finished.status.code) { makeHandles(of: finished) }
    }

    private static func methodLabel(of finished: FinishedRequest) -> String {
        finished.request.map { label($0.method) } ?? "none"
    }

    private func makeHandles(of finished: FinishedRequest) -> RequestHandles {
        let method = Self.methodLabel(of: finished)
        let route = [("listener", listener), ("route", finished.route), ("method", method)]
        return RequestHandles(
            count: Counter(
                label: "harbor_http_requests_total",
                dimensions: route + [("status", "\(finished.status.code)")]),
            seconds: Timer(label: "harbor_http_request_duration_seconds", dimensions: route))
    }
}
