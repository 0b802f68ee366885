/// RFC 3339 section 5.6 with as little cleverness as possible: days are counted by adding years and months.
enum NaiveTime {
    /// Milliseconds since 1970, the fraction truncated; nil for what is no such time or has a leap second.
    static func milliseconds(_ bytes: [UInt8]) -> Int64? {
        guard bytes.count >= 20, matches(bytes[..<19], "dddd-dd-ddTdd:dd:dd") else { return nil }
        let values = [0..<4, 5..<7, 8..<10, 11..<13, 14..<16, 17..<19].map { number(bytes[$0]) }
        let (year, month, day) = (values[0], values[1], values[2])
        guard (1...12).contains(month), (1...length(of: month, in: year)).contains(day) else { return nil }
        guard values[3] < 24, values[4] < 60, values[5] < 60 else { return nil }
        var rest = bytes[19...]
        guard let milliseconds = fraction(&rest), let offset = offset(rest) else { return nil }
        let days = daysBefore[year] + (1..<month).reduce(0) { $0 + length(of: $1, in: year) } + day - 1
        let minutes = (days * 24 + values[3]) * 60 + values[4] - offset
        return Int64((minutes * 60 + values[5]) * 1000 + milliseconds)
    }

    /// The days from 1970 to the first of each year; negative before.
    private static let daysBefore: [Int] = {
        var days = [0]
        for year in 0..<9999 { days.append(days[year] + length(of: year)) }
        return days.map { $0 - days[1970] }
    }()

    private static func length(of year: Int) -> Int { (1...12).reduce(0) { $0 + length(of: $1, in: year) } }

    private static func length(of month: Int, in year: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 400 == 0 || (year % 4 == 0 && year % 100 != 0) ? 29 : 28
        default: 31
        }
    }

    /// `d` stands for a digit; `T` and `Z` may be small.
    private static func matches(_ text: ArraySlice<UInt8>, _ pattern: StaticString) -> Bool {
        guard text.count == pattern.utf8CodeUnitCount else { return false }
        return pattern.withUTF8Buffer { pattern in
            zip(text, pattern).allSatisfy { byte, wanted in
                switch wanted {
                case UInt8(ascii: "d"): isDigit(byte)
                case UInt8(ascii: "T"), UInt8(ascii: "Z"): byte == wanted || byte == wanted + 32
                default: byte == wanted
                }
            }
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int {
        digits.reduce(0) { $0 * 10 + Int($1) - 0x30 }
    }

    /// Takes `.` and digits from the front; 0 when there is no point.
    private static func fraction(_ rest: inout ArraySlice<UInt8>) -> Int? {
        guard rest.first == UInt8(ascii: ".") else { return 0 }
        let digits = rest.dropFirst().prefix(while: isDigit)
        guard !digits.isEmpty else { return nil }
        rest = rest.dropFirst(1 + digits.count)
        return number(digits.prefix(3) + Array(repeating: 0x30, count: max(0, 3 - digits.count)))
    }

    /// Minutes ahead of UTC.
    private static func offset(_ text: ArraySlice<UInt8>) -> Int? {
        if matches(text, "Z") { return 0 }
        guard matches(text, "+dd:dd") || matches(text, "-dd:dd") else { return nil }
        let hours = number(text.dropFirst().prefix(2))
        let minutes = number(text.suffix(2))
        guard hours < 24, minutes < 60 else { return nil }
        return (hours * 60 + minutes) * (text.first == UInt8(ascii: "-") ? -1 : 1)
    }
}
