/// The opening handshake (RFC 6455 section 4) as values; knows no HTTP types.
package enum WebSocketHandshake {
    /// What a server answers to an upgrade.
    package enum Outcome: Sendable, Equatable {
        /// 101 with `Sec-WebSocket-Accept: accept`.
        case accepted(accept: String)
        /// 426 with `Sec-WebSocket-Version: 13`.
        case upgradeRequired
        /// 400; the detail is one sentence.
        case badRequest(detail: String)
    }
    /// The only version there is.
    package static let version = "13"
    /// Judges an upgrade by its `Sec-WebSocket-Key` and `Sec-WebSocket-Version` values (one line each, nil if absent
    /// or repeated).
    package static func outcome(key: String?, version: String?) -> Outcome { .upgradeRequired }
    /// The `Sec-WebSocket-Accept` for a key (section 4.2.2).
    package static func accept(key: String) -> String { "" }
    /// Whether a key is the base64 of 16 bytes (section 4.1).
    package static func isValidKey(_ key: String) -> Bool { false }
    /// A client's key from 16 random bytes.
    package static func key(random high: UInt64, _ low: UInt64) -> String { "" }
    /// Whether a server's `Sec-WebSocket-Accept` answers the client's key (section 4.1).
    package static func accepts(_ accept: String?, key: String) -> Bool { false }
    /// The first of `supported` that the client offers in `Sec-WebSocket-Protocol`; nil when there is none.
    package static func subprotocol(offered: String?, supported: [String]) -> String? { nil }
}
