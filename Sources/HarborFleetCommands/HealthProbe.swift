internal import FleetSimulator

/// Sends one `GET /health`.
enum HealthProbe {
    /// The time for connecting, sending and receiving together.
    private static let patience: Duration = .seconds(2)

    /// Sends the request, and blocks until the response arrives or `patience` is over.
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
            throw CommandFailure("no response from \(authority): \(error)")
        }
    }
}
