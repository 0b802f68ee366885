/// Bytes cut by chance, always in the same way for the same bytes, so that a finding can be repeated.
struct Pieces {
    /// The pieces in order, none empty; joined they are the bytes.
    let all: [[UInt8]]

    init(_ bytes: [UInt8]) {
        var state = bytes.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        var pieces: [[UInt8]] = []
        var start = 0
        while start < bytes.count {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            // Mostly short ones, now and then one that reaches far.
            let longest = state >> 62 == 0 ? 256 : 12
            let length = min(1 + Int(truncatingIfNeeded: state >> 33) % longest, bytes.count - start)
            pieces.append(Array(bytes[start..<(start + length)]))
            start += length
        }
        all = pieces
    }

    /// One piece per byte.
    static func single(_ bytes: [UInt8]) -> [[UInt8]] { bytes.map { [$0] } }
}
