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
    /// What is hashed behind the key (section 1.3).
    private static let suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    /// Judges an upgrade by its `Sec-WebSocket-Key` and `Sec-WebSocket-Version` values (one line each, nil if
    /// absent or repeated).
    package static func outcome(key: String?, version: String?) -> Outcome {
        guard version == Self.version else { return .upgradeRequired }
        guard let key, isValidKey(key) else {
            return .badRequest(detail: "Sec-WebSocket-Key is not the base64 of 16 bytes.")
        }
        return .accepted(accept: accept(key: key))
    }

    /// The `Sec-WebSocket-Accept` for a key (section 4.2.2).
    package static func accept(key: String) -> String {
        Base64.encode(SHA1.digest(Array(key.utf8) + Array(suffix.utf8)))
    }

    /// Whether a key is the base64 of 16 bytes (section 4.1).
    package static func isValidKey(_ key: String) -> Bool {
        key.utf8.count == 24 && Base64.decode(key)?.count == 16
    }

    /// A client's key from 16 random bytes.
    package static func key(random high: UInt64, _ low: UInt64) -> String {
        Base64.encode(
            [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } })
    }

    /// Whether a server's `Sec-WebSocket-Accept` answers the client's key (section 4.1).
    package static func accepts(_ accept: String?, key: String) -> Bool {
        accept == Self.accept(key: key)
    }

    /// The first that the client offers in `Sec-WebSocket-Protocol` and we support; nil when there is none.
    package static func subprotocol(offered: String?, supported: [String]) -> String? {
        guard let offered else { return nil }
        for element in offered.utf8.split(separator: 0x2C) {
            let name = String(decoding: element.filter { $0 != 0x20 && $0 != 0x09 }, as: UTF8.self)
            if supported.contains(name) { return name }
        }
        return nil
    }
}
