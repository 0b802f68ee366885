import TextFormats

/// Times are read as a naive reader by the letter of RFC 3339 reads them, written times are read as the same
/// moment, and every moment has a written form of fixed length.
enum RFC3339Fuzz {
    private static let first = NaiveTime.milliseconds(Array("0000-01-01T00:00:00Z".utf8)) ?? 0
    private static let last = NaiveTime.milliseconds(Array("9999-12-31T23:59:59.999Z".utf8)) ?? 0

    static func check(_ bytes: [UInt8]) {
        checkRead(bytes)
        checkRead(made(of: bytes))
        checkWritten(bytes.prefix(8).reduce(0) { $0 << 8 | Int64($1) })
    }

    private static func checkRead(_ bytes: [UInt8]) {
        let time = RFC3339.milliseconds(bytes.span)
        let naive = NaiveTime.milliseconds(bytes)
        require(
            time == naive,
            "ours \(String(describing: time)), naive \(String(describing: naive))")
        if let time { checkWritten(time) }
    }

    /// A date and time, and now and then one just beyond them: days of the calendar are rare among other bytes.
    private static func made(of bytes: [UInt8]) -> [UInt8] {
        let numbers = bytes.prefix(5).map(Int.init) + Array(repeating: 0, count: max(0, 5 - bytes.count))
        let parts = zip(numbers, [0..<100, 0..<100, 0..<14, 25..<33, 0..<25])
            .map { number, range in range.lowerBound + number % range.count }
        let text = parts.map { $0 < 10 ? "0\($0)" : "\($0)" }
        return Array("\(text[0])\(text[1])-\(text[2])-\(text[3])T\(text[4]):00:59Z".utf8)
    }

    private static func checkWritten(_ time: Int64) {
        let text = RFC3339.text(milliseconds: time)
        require(text.utf8.count == RFC3339.encodedLength, "length of \(text)")
        guard let again = RFC3339.milliseconds(text) else { return require(false, "\(text) is not read") }
        require(RFC3339.text(milliseconds: again) == text, "\(text) changes")
        require(again == min(max(time, first), last), "\(text) is another moment")
    }
}
