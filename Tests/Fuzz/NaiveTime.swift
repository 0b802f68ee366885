/// RFC 3339 section 5.6 with as little cleverness as possible: days are counted by adding years and months.
enum NaiveTime {
    /// Milliseconds since 1970, the fraction truncated; nil for what is no such time or has a leap second.
    static func milliseconds(_ bytes: [UInt8]) -> Int64? {
        let characters = bytes.map { Character(Unicode.Scalar($0)) }
        guard characters.count >= 20, matches(characters[..<19], "dddd-dd-ddTdd:dd:dd") else { return nil }
        let values = [0..<4, 5..<7, 8..<10, 11..<13, 14..<16, 17..<19].map { number(characters[$0]) }
        let (year, month, day) = (values[0], values[1], values[2])
        guard (1...12).contains(month), (1...length(of: month, in: year)).contains(day) else { return nil }
        guard values[3] < 24, values[4] < 60, values[5] < 60 else { return nil }
        var rest = characters[19...]
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
        let isLeap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    /// `d` stands for a digit; letters may be small.
    private static func matches(_ text: ArraySlice<Character>, _ pattern: String) -> Bool {
        guard text.count == pattern.count else { return false }
        return zip(text, pattern).allSatisfy { character, wanted in
            wanted == "d" ? isDigit(character) : character == wanted || character.uppercased() == "\(wanted)"
        }
    }

    private static func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }

    private static func number(_ digits: some Sequence<Character>) -> Int { Int(String(digits)) ?? 0 }

    /// Takes `.` and digits from the front; 0 when there is no point.
    private static func fraction(_ rest: inout ArraySlice<Character>) -> Int? {
        guard rest.first == "." else { return 0 }
        let digits = rest.dropFirst().prefix(while: isDigit)
        guard !digits.isEmpty else { return nil }
        rest = rest.dropFirst(1 + digits.count)
        return number(digits.prefix(3) + Array(repeating: "0", count: max(0, 3 - digits.count)))
    }

    /// Minutes ahead of UTC.
    private static func offset(_ text: ArraySlice<Character>) -> Int? {
        if matches(text, "Z") { return 0 }
        guard matches(text, "+dd:dd") || matches(text, "-dd:dd") else { return nil }
        let hours = number(text.dropFirst().prefix(2))
        let minutes = number(text.suffix(2))
        guard hours < 24, minutes < 60 else { return nil }
        return (hours * 60 + minutes) * (text.first == "-" ? -1 : 1)
    }
}
