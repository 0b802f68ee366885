import HarborFleetTesting
import Testing

@testable import WebSockets

@Suite struct FrameEncoderTests {
    private func encode(_ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true, mask: UInt32? = nil)
        -> [UInt8]
    {
        var output: [UInt8] = [0xAA]
        FrameEncoder.append(opcode, payload: payload, isFinal: isFinal, mask: mask, into: &output)
        return Array(output.dropFirst())
    }

    /// RFC 6455 section 5.7.
    @Test func frames_areWritten_asInTheExamplesOfTheRFC() {
        #expect(encode(.text, bytes("Hello")) == [0x81, 0x05] + bytes("Hello"))
        #expect(
            encode(.text, bytes("Hello"), mask: 0x37FA_213D)
                == [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
        #expect(encode(.text, bytes("Hel"), isFinal: false) == [0x01, 0x03] + bytes("Hel"))
        #expect(encode(.continuation, bytes("lo")) == [0x80, 0x02] + bytes("lo"))
        #expect(encode(.ping, []) == [0x89, 0x00])
    }

    @Test(
        arguments: [
            (0, [0x82, 0]), (125, [0x82, 125]), (126, [0x82, 126, 0, 126]), (65535, [0x82, 126, 0xFF, 0xFF]),
            (65536, [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] as [(Int, [UInt8])])
    func length_hasItsShortestForm(count: Int, header: [UInt8]) {
        let payload = [UInt8](repeating: 9, count: count)
        #expect(encode(.binary, payload) == header + payload)
    }

    @Test func masking_isRight_forEveryLengthAndPhase() {
        let key: [UInt8] = [0x12, 0x34, 0x56, 0x78]
        for count in 0..<40 {
            let plain = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            for phase in 0..<9 {
                var actual = [0xEE] + plain
                Masking.apply(0x1234_5678, phase: phase, to: &actual, from: 1)
                #expect(actual == [0xEE] + plain.indices.map { plain[$0] ^ key[($0 + phase) % 4] })
            }
        }
    }

    @Test func closePayload_isCutAtACharacter() {
        #expect(FrameEncoder.closePayload(.serviceRestart, reason: "x") == [0x03, 0xF4, 0x78])
        #expect(FrameEncoder.closePayload(.normal).count == 2)
        let payload = FrameEncoder.closePayload(.normal, reason: String(repeating: "€", count: 60))
        #expect(payload.count == 2 + 41 * 3)
        #expect(closeCode(masked(.close, payload)) == nil)
    }

    @Test(arguments: 0..<8)
    func messages_comeBackUnchanged(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var wire: [UInt8] = []
        var expected: [WebSocketEvent] = []
        for _ in 0..<12 {
            let payload = (0..<Int.random(in: 0...400, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let cut = Int.random(in: 0...payload.count, using: &random)
            wire += masked(
                .binary, Array(payload.prefix(cut)), isFinal: false,
                mask: .random(in: 0 ... .max, using: &random))
            wire += masked(.ping, [UInt8(cut & 0xFF)], mask: .random(in: 0 ... .max, using: &random))
            wire += masked(
                .continuation, Array(payload.dropFirst(cut)), mask: .random(in: 0 ... .max, using: &random))
            expected += [.ping([UInt8(cut & 0xFF)]), .binary(payload)]
        }
        #expect(transcript(wire).events == expected)
    }

    @Test(arguments: 0..<8)
    func noise_neverTraps_andReadsTheSameInPieces(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<200 {
            var wire = masked(.text, bytes("Grüße"), isFinal: false) + masked(.ping, [1, 2, 3])
            wire += masked(.continuation, [UInt8](repeating: 0x41, count: 130)) + masked(.close, [3, 0xE8])
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                wire[Int.random(in: 0..<wire.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            for role in [WebSocketRole.server, .client] {
                let whole = FrameTranscript(wire, role: role)
                for piece in [1, 2, 3, 5, 7, 11] {
                    #expect(FrameTranscript(wire, role: role, pieceBytes: piece) == whole, "\(wire)")
                }
            }
        }
    }
}
