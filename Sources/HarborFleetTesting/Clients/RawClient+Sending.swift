extension RawClient {
    /// Connects and sends these bytes.
    package convenience init(
        port: UInt16, from source: String? = nil, receiveBuffer: CInt? = nil, sending bytes: [UInt8]
    ) async throws {
        try self.init(port: port, from: source, receiveBuffer: receiveBuffer)
        try await send(bytes)
    }

    /// Connects and sends this text.
    package convenience init(
        port: UInt16, from source: String? = nil, receiveBuffer: CInt? = nil, sending text: String
    ) async throws {
        try await self.init(
            port: port, from: source, receiveBuffer: receiveBuffer, sending: Array(text.utf8))
    }

    /// The response to a GET on a connection of its own.
    /// - Parameter fields: whole header lines, placed after `Host`.
    package static func get(
        _ path: String, port: UInt16, _ fields: String = ""
    ) async throws -> RawResponse {
        let request = "GET \(path) HTTP/1.1\r\nHost: h\r\n\(fields)\r\n"
        return try await RawClient(port: port, sending: request).response()
    }
}
