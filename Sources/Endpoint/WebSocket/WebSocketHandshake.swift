internal import Crypto
internal import FoundationEssentials

/// Decides on a client's opening handshake (RFC 6455 section 4). It works on strings and knows no HTTP types.
enum WebSocketHandshake {
    /// The server's response to an upgrade request.
    enum Outcome: Sendable, Equatable {
        /// 101 with `Sec-WebSocket-Accept: accept`.
        case accepted(accept: String)
        /// 426 with `Sec-WebSocket-Version: 13`.
        case upgradeRequired
        /// 400; the detail is one sentence.
        case badRequest(detail: String)
    }

    /// The text that is appended to the key before hashing (section 1.3).
    private static let suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    /// Checks an upgrade request by the values of `Sec-WebSocket-Key` and `Sec-WebSocket-Version`. A value is nil if
    /// its field is absent or repeated.
    static func outcome(key: String?, version: String?) -> Outcome {
        guard version == "13" else { return .upgradeRequired }
        guard let key, isValid(key) else {
            return .badRequest(detail: "Sec-WebSocket-Key is not the base64 of 16 bytes.")
        }
        // The hash only proves that the server has read the key. SHA-1 is enough, because nothing here
        // must resist forgery.
        let digest = Insecure.SHA1.hash(data: Data((key + suffix).utf8))
        return .accepted(accept: Data(digest).base64EncodedString())
    }

    /// Whether a key is the base64 of 16 bytes (section 4.1), in its canonical form.
    private static func isValid(_ key: String) -> Bool {
        guard key.utf8.count == 24, let bytes = Data(base64Encoded: key), bytes.count == 16 else {
            return false
        }
        return bytes.base64EncodedString() == key
    }
}
