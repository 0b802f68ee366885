internal import FleetSimulator

/// One `GET /health`.
enum HealthProbe {
    /// For everything together.
    private static let patience: Duration = .seconds(2)

    /// Asks, and blocks for as long as its patience lasts.
    /// - Returns: the response's status.
    static func status(host: String, port: UInt16) throws(CommandFailure) -> Int {
        let authority = (host.contains(":") ? "[\(host)]" : host) + ":\(port)"
        let request = "GET /health HTTP/1.1\r\nHost: \(authority)\r\nConnection: close\r\n\r\n"
        let deadline = ContinuousClock.now.advanced(by: patience)
        do throws(TransportError) {
            let socket = try ClientSocket(host: host, port: port, deadline: deadline)
            try socket.sendAll(Array(request.utf8), deadline: deadline)
            return try socket.response(deadline: deadline).status
        } catch {
            throw CommandFailure("no answer from \(authority): \(error)")
        }
    }
}
