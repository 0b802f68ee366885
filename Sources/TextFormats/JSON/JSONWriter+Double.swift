extension JSONWriter {
    /// Appends the shortest decimal that reads back as `value`, with a point (`271.0`), as the input said it.
    ///
    /// Values with up to seven decimals, which coordinates and speeds are, take a short way: scaled to an
    /// integer below 10^15 and divided back exactly. A decimal of at most 15 digits that reads back is the
    /// shortest, since no two of them share a Double. A value that JSON cannot say is written as 0.0; the
    /// decoder and the store let none in.
    package static func append(_ value: Double, to output: inout [UInt8]) {
        guard value.isFinite else { return append(raw: "0.0", to: &output) }
        let scaled = (value.magnitude * 1e7).rounded()
        if scaled < 1e15, scaled / 1e7 == value.magnitude {
            if value < 0 { output.append(UInt8(ascii: "-")) }
            appendScaled(UInt64(scaled), to: &output)
        } else {
            output.append(contentsOf: value.description.utf8)
        }
    }

    /// `scaled` in units of 10^-7, without trailing zeros but with one decimal at least.
    private static func appendScaled(_ scaled: UInt64, to output: inout [UInt8]) {
        append(scaled / 10_000_000, to: &output)
        output.append(UInt8(ascii: "."))
        var rest = scaled % 10_000_000
        var weight: UInt64 = 1_000_000
        repeat {
            output.append(0x30 &+ UInt8(truncatingIfNeeded: rest / weight))
            rest %= weight
            weight /= 10
        } while rest > 0 && weight > 0
    }
}
