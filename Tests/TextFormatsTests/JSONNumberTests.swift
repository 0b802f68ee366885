import HarborFleetTesting
import Testing

@testable import TextFormats

@Suite struct JSONNumberTests {
    private func read(_ text: String) throws -> Double {
        var reader = JSONReader(depthLimit: 4)
        return try reader.number(Array(text.utf8).span).value
    }

    private func write(_ value: Double) -> String {
        var output: [UInt8] = []
        JSONWriter.append(value, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    @Test(arguments: [
        "0", "-0", "1", "-1.5", "53.5413", "9.9842", "0.1", "0.3", "1e22", "1e23", "123456789012345678",
        "9007199254740993", "9007199254740992.5", "0.000000000000000000000001", "2.2250738585072014e-308",
        "4.9e-324", "1.7976931348623157e308", "179.9999999", "8.41e-7", "0.10",
        "1234567890123456789012345678901234567890", "0.1000000000000000055511151231257827", "1E+2", "5e-1",
    ])
    func number_isTheNearestDouble(text: String) throws {
        #expect(try read(text) == Double(text))
    }

    @Test func number_isTheNearestDouble_forRandomDecimals() throws {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<20_000 {
            let digits = generator.next() >> UInt64.random(in: 0...63, using: &generator)
            let exponent = Int.random(in: -30...30, using: &generator)
            let text = "\(digits).\(generator.next() >> 32)e\(exponent)"
            #expect(try read(text) == Double(text))
        }
    }

    @Test(arguments: [
        (53.5413, "53.5413"), (271.0, "271.0"), (4.0, "4.0"), (-0.0000001, "-0.0000001"), (0.0, "0.0"),
        (9.9842, "9.9842"), (-179.9999999, "-179.9999999"), (0.1, "0.1"), (100.05, "100.05"),
    ])
    func append_writesTheShortestDecimal(value: Double, text: String) {
        #expect(write(value) == text)
    }

    @Test func append_comesBackUnchanged_forRandomDoubles() throws {
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<20_000 {
            let decimals = Double(Int.random(in: -1_800_000_000...1_800_000_000, using: &generator)) / 1e7
            #expect(try read(write(decimals)) == decimals)
            #expect(write(decimals).utf8.count <= decimals.description.utf8.count + 8)
            let any = Double(bitPattern: .random(in: 0...UInt64.max, using: &generator))
            if any.isFinite { #expect(try read(write(any)) == any) }
        }
    }
}
