internal import Randomness

/// The id of a request, which its response's `X-Request-Id` and its log lines show.
enum RequestID: Sendable, Equatable {
    /// A generated id. Its text is made only on demand, because most ids are only written into a response.
    case made(RandomRequestID)
    /// The client's own id, if it is valid, see `RequestIDs.isSane`.
    case given(String)

    var text: String {
        switch self {
        case .made(let id): id.text
        case .given(let text): text
        }
    }

    /// Appends the text.
    func append(to bytes: inout [UInt8]) {
        switch self {
        case .made(let id): id.append(to: &bytes)
        case .given(let text): bytes.append(contentsOf: text.utf8)
        }
    }
}

/// A generated request id: 16 characters of Crockford's base 32, which is 80 random bits. Each word holds eight
/// characters, each of five bits.
struct RandomRequestID: Sendable, Equatable {
    /// The length of the text in bytes.
    static let byteCount = 16

    private let words: [2 of UInt64]

    init(_ first: UInt64, _ second: UInt64) {
        words = [Self.characters(first), Self.characters(second)]
    }

    static func == (left: Self, right: Self) -> Bool {
        left.words[0] == right.words[0] && left.words[1] == right.words[1]
    }

    var text: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    func append(to bytes: inout [UInt8]) {
        for _ in 0..<Self.byteCount { bytes.append(0) }
        write(to: &bytes, at: bytes.count - Self.byteCount)
    }

    /// Overwrites the 16 bytes from `offset` on with the text. They must exist.
    func write(to bytes: inout [UInt8], at offset: Int) {
        var span = bytes.mutableSpan
        // The memory is the array's, and this function has exclusive access to it until it returns. Any UInt64 is eight
        // bytes, and each store checks its bounds.
        var room = unsafe span.mutableBytes
        room.storeBytes(of: words[0].littleEndian, toByteOffset: offset, as: UInt64.self)
        room.storeBytes(of: words[1].littleEndian, toByteOffset: offset + 8, as: UInt64.self)
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101

    /// Turns the lowest five bits of each byte into a character, all eight at once. The alphabet is `0`…`9` and `a`…`z`
    /// without i, l, o and u. So the letters shift by one more at each of the values 18, 20, 22 and 27.
    private static func characters(_ bits: UInt64) -> UInt64 {
        let digits = bits & (ones &* 31)
        let letters = atLeast(10, digits) &* 39
        let skipped = atLeast(18, digits) &+ atLeast(20, digits) &+ atLeast(22, digits) &+ atLeast(27, digits)
        return digits &+ ones &* 48 &+ letters &+ skipped
    }

    /// Gives 1 in each byte that is at least `limit`, else 0. No byte may be over 31, so none carries into the next.
    private static func atLeast(_ limit: UInt64, _ digits: UInt64) -> UInt64 {
        ((digits &+ ones &* (128 &- limit)) >> 7) & ones
    }
}

/// Generates request ids, and checks those that clients send.
struct RequestIDs {
    private var generator: SeededGenerator

    init() {
        generator = SeededGenerator(seed: UInt64.random(in: .min ... .max))
    }

    /// Makes a new id. Ids serve to find log lines and are not secrets, so the generator need not be unpredictable.
    mutating func next() -> RequestID {
        .made(RandomRequestID(generator.next(), generator.next()))
    }

    /// Whether a client's id may be used in logs and responses: 1 to 128 ASCII letters, digits, `-`, `_` or `.`.
    static func isSane(_ id: String) -> Bool {
        let bytes = id.utf8
        guard (1...128).contains(bytes.count) else { return false }
        return bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"):
                true
            default: byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
            }
        }
    }
}
