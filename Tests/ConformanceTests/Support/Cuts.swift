/// The ways in which one input is sent to the server.
enum Cuts {
    /// The largest input, in bytes, that is also sent one byte at a time.
    private static let bytewiseLimit = 1_500
    /// How many cuts in two a longer input has.
    private static let fewCuts = 6

    /// Whole, one byte at a time, and cut in two at each place where a parser may lose its state.
    /// - Parameter text: whether marks such as line ends are these places; else every place is, thinned to a number.
    static func all(of bytes: [UInt8], text: Bool) -> [[[UInt8]]] {
        var ways = [[bytes]]
        if bytes.count <= bytewiseLimit { ways.append(bytes.map { [$0] }) }
        for place in places(bytes, text: text) {
            ways.append([Array(bytes[..<place]), Array(bytes[place...])])
        }
        return ways
    }

    private static func places(_ bytes: [UInt8], text: Bool) -> [Int] {
        guard bytes.count > 1 else { return [] }
        let all = Array(1..<bytes.count)
        guard bytes.count <= bytewiseLimit else { return thinned(all, to: fewCuts) }
        guard text else { return thinned(all, to: 24) }
        return all.filter { isMark(bytes[$0]) || isMark(bytes[$0 - 1]) && bytes[$0 - 1] != 0x20 }
    }

    /// CR, LF, space, colon, semicolon, comma.
    private static func isMark(_ byte: UInt8) -> Bool { [0x0D, 0x0A, 0x20, 0x3A, 0x3B, 0x2C].contains(byte) }

    private static func thinned(_ places: [Int], to count: Int) -> [Int] {
        guard places.count > count else { return places }
        return (0..<count).map { places[$0 * (places.count - 1) / (count - 1)] }
    }
}
