/// A parsed number of a JSON text: its value, its range in the text, and whether it has an exponent.
package struct JSONNumber {
    /// The nearest Double; infinite when the number is beyond its range.
    package let value: Double
    package let range: Range<Int>
    package let hasExponent: Bool
}

/// The parts of a number as it is written, before its value is computed.
struct JSONNumeral {
    let isNegative: Bool
    let digits: DecimalDigits
    /// The exponent; nil without one.
    let exponent: Int?
    let range: Range<Int>
}

extension JSONReader {
    /// Parses a number (section 6). `NaN`, `Infinity`, and a leading `+`, zero or point are errors.
    ///
    /// Up to 19 digits are collected as an integer. If it is at most 2^53 and the power of ten is at most 22, both
    /// are exact as Double, so one multiplication or division rounds correctly (Clinger 1990). Other numbers are
    /// parsed by `Double`, which is slower.
    package mutating func number(_ bytes: Span<UInt8>) throws(JSONError) -> JSONNumber {
        let numeral = try numeral(bytes)
        let value =
            numeral.digits.exactValue(exponent: numeral.exponent ?? 0, negative: numeral.isNegative)
            ?? Self.slowValue(bytes, numeral.range)
        return JSONNumber(value: value, range: numeral.range, hasExponent: numeral.exponent != nil)
    }

    /// Parses a number without computing its value.
    mutating func numeral(_ bytes: Span<UInt8>) throws(JSONError) -> JSONNumeral {
        let start = try startOfNumber(bytes)
        let isNegative = bytes[start] == UInt8(ascii: "-")
        if isNegative { position = start &+ 1 }
        var digits = DecimalDigits()
        try integerPart(bytes, &digits)
        try fractionPart(bytes, &digits)
        let exponent = try exponentPart(bytes)
        return JSONNumeral(
            isNegative: isNegative, digits: digits, exponent: exponent, range: start..<position)
    }

    private mutating func startOfNumber(_ bytes: Span<UInt8>) throws(JSONError) -> Int {
        switch try peek(bytes) {
        case UInt8(ascii: "-"), 0x30...0x39: return position
        default: throw error(.unexpectedByte)
        }
    }

    private mutating func integerPart(_ bytes: Span<UInt8>, _ digits: inout DecimalDigits) throws(JSONError) {
        let start = position
        collectDigits(bytes) { digits.append($0, isFraction: false) }
        let count = position &- start
        guard count > 0, count == 1 || bytes[start] != UInt8(ascii: "0") else { throw error(.invalidNumber) }
    }

    private mutating func fractionPart(_ bytes: Span<UInt8>, _ digits: inout DecimalDigits) throws(JSONError)
    {
        guard position < bytes.count, bytes[position] == UInt8(ascii: ".") else { return }
        position &+= 1
        let start = position
        collectDigits(bytes) { digits.append($0, isFraction: true) }
        guard position > start else { throw error(.invalidNumber) }
    }

    /// - Returns: nil without an exponent. A large exponent is limited to 100,000, which is enough to choose
    ///   the slow path.
    private mutating func exponentPart(_ bytes: Span<UInt8>) throws(JSONError) -> Int? {
        guard position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") else { return nil }
        position &+= 1
        guard position < bytes.count else { throw error(.unexpectedEnd) }
        let sign = bytes[position]
        if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position &+= 1 }
        let start = position
        var exponent = 0
        collectDigits(bytes) { exponent = min(exponent &* 10 &+ Int($0), 100_000) }
        guard position > start else { throw error(.invalidNumber) }
        return sign == UInt8(ascii: "-") ? 0 &- exponent : exponent
    }

    private mutating func collectDigits(_ bytes: Span<UInt8>, _ append: (UInt8) -> Void) {
        while position < bytes.count {
            let digit = bytes[position] &- 0x30
            guard digit < 10 else { return }
            append(digit)
            position &+= 1
        }
    }

    private static func slowValue(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Double {
        var text: [UInt8] = []
        text.reserveCapacity(range.count)
        for index in range { text.append(bytes[index]) }
        // The text is a valid JSON number. Double parses all of those, as infinity beyond its range.
        return Double(String(decoding: text, as: UTF8.self)) ?? .infinity
    }
}

/// The digits of a number as one integer, and the number of digits after the point.
struct DecimalDigits {
    private var mantissa: UInt64 = 0
    private var significantCount = 0
    private var fractionCount = 0

    mutating func append(_ digit: UInt8, isFraction: Bool) {
        if significantCount < 19 { mantissa = mantissa &* 10 &+ UInt64(digit) }
        if significantCount > 0 || digit != 0 { significantCount &+= 1 }
        if isFraction { fractionCount &+= 1 }
    }

    /// The value by one multiplication or division; nil when that might not round correctly.
    func exactValue(exponent: Int, negative: Bool) -> Double? {
        let power = exponent &- fractionCount
        guard significantCount <= 19, mantissa <= 1 << 53, (-22...22).contains(power) else { return nil }
        let magnitude =
            power < 0
            ? Double(mantissa) / PowersOfTen.exact[0 &- power] : Double(mantissa) * PowersOfTen.exact[power]
        return negative ? -magnitude : magnitude
    }
}

/// The powers of ten that a Double represents exactly.
enum PowersOfTen {
    static let exact: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
        1e18, 1e19, 1e20, 1e21, 1e22,
    ]
}
