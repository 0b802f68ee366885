/// A complete HTTP/1.1 response, reduced to what our clients need.
package struct ClientResponse: Equatable, Sendable {
    package var status: Int
    /// The value of `Retry-After`.
    var retryAfter: String?
    var body: [UInt8]
    /// Whether the connection can be used for the next request.
    var keepsConnection: Bool

    /// The seconds of `Retry-After` (RFC 9110, section 10.2.3); its date form is not used by our server.
    var retryAfterSeconds: Int? {
        retryAfter.flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
    }
}
