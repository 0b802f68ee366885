/// Frames of a client, valid or not.
enum SentFrame {
    private static let key: [UInt8] = [0x12, 0x34, 0xAB, 0xCD]

    /// A masked frame with any first byte.
    static func frame(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
        header(first, length: UInt64(payload.count)) + masked(payload)
    }

    static func text(_ text: String) -> [UInt8] { frame(0x81, Array(text.utf8)) }
    static func binary(_ payload: [UInt8]) -> [UInt8] { frame(0x82, payload) }
    static func ping(_ payload: [UInt8] = []) -> [UInt8] { frame(0x89, payload) }
    static func pong(_ payload: [UInt8] = []) -> [UInt8] { frame(0x8A, payload) }

    static func close(_ code: UInt16, _ reason: [UInt8] = []) -> [UInt8] {
        frame(0x88, [UInt8(code >> 8), UInt8(code & 0xFF)] + reason)
    }

    /// A header with the mask's key.
    /// - Parameter width: bytes of the extended length; the shortest when it is nil.
    static func header(_ first: UInt8, length: UInt64, width: Int? = nil) -> [UInt8] {
        let shortest = length <= 125 ? 0 : length <= 65_535 ? 2 : 8
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: length >> (56 - 8 * $0)) }
        switch width ?? shortest {
        case 0: return [first, 0x80 | UInt8(truncatingIfNeeded: length)] + key
        case 2: return [first, 0xFE] + bytes.suffix(2) + key
        default: return [first, 0xFF] + bytes + key
        }
    }

    static func masked(_ payload: [UInt8]) -> [UInt8] {
        var bytes = payload
        for index in bytes.indices { bytes[index] ^= key[index & 3] }
        return bytes
    }
}
