import HarborFleetTesting
import Testing

@testable import HTTP1

@Suite struct ByteScanTests {
    @Test func firstControl_isFound_atEveryPlaceForEveryByte() {
        for byte in UInt8.min...UInt8.max {
            for place in 0..<20 {
                var input = [UInt8](repeating: 0x41, count: 20)
                input[place] = byte
                let isControl = (byte < 0x20 && byte != 0x09) || byte == 0x7F
                let found = ByteScan.firstControl(in: input.span, from: 0)
                #expect(found == (isControl ? place : 20))
            }
        }
    }

    @Test func firstControl_isExact_amongOtherBytes() {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<2000 {
            let input = (0..<24).map { _ in
                UInt8.random(in: 0...255, using: &random) | (Bool.random(using: &random) ? 0x80 : 0x20)
            }
            let start = Int.random(in: 0...24, using: &random)
            let expected = input[start...].firstIndex { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F } ?? 24
            let found = ByteScan.firstControl(in: input.span, from: start)
            #expect(found == expected)
        }
    }

    @Test func token_hasTheCharactersOfRFC9110() {
        let expected = Set(
            "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        for byte in UInt8.min...UInt8.max { #expect(ASCII.isToken(byte) == expected.contains(byte)) }
    }

    @Test func symbols_differ_whenOnlyTheirCaseBitDiffers() {
        let input: [UInt8] = [0x5E, 0x41]
        let symbol = ByteScan.equals(input.span, 0..<1, ignoringCase: "~")
        let letter = ByteScan.equals(input.span, 1..<2, ignoringCase: "a")
        #expect(!symbol && letter)
    }
}
