extension JSONWriter {
    /// Appends the shortest decimal that parses back to `value`, with a point even for whole numbers (`271.0`).
    ///
    /// Values with up to seven decimals, such as coordinates and speeds, take a fast path: they are scaled to an
    /// integer below 10^15, and the division back must be exact. If a decimal of at most 15 digits parses back to a
    /// value, it is the shortest one, because no two such decimals give the same Double. Infinity and NaN, which JSON
    /// lacks, are written as 0.0; the decoder and the store accept none.
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

    /// Appends `scaled` in units of 10^-7, without trailing zeros but with at least one decimal.
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
