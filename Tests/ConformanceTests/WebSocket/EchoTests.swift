import HarborFleetTesting
import Testing

extension Conformance {
    /// Frames on an open connection.
    @Suite(.serialized) struct Echo {
        @Test(arguments: EchoCase.all)
        func frames_getTheResponseOfTheirSection_howeverTheyAreCut(_ row: EchoCase) async throws {
            let (faults, ways) = try await row.run(try await ConformanceServer.shared.value)
            Ledger.note(.echo, exchanges: ways, failed: !faults.isEmpty)
            #expect(faults.isEmpty, "\(row.testDescription): \(faults.prefix(3).joined(separator: "\n"))")
        }

        /// Autobahn 6.4: the server must not wait for bytes that cannot make the text valid.
        @Test(arguments: [
            SentFrame.frame(0x01, Array("κόσμε".utf8) + [0xF4, 0x90]),
            SentFrame.header(0x81, length: 20) + SentFrame.masked(Array("κόσμε".utf8) + [0xF4, 0x90]),
        ])
        func invalidUTF8_endsTheConnection_beforeTheRestArrives(_ start: [UInt8]) async throws {
            let found = try await EchoCase.exchange([start], try await ConformanceServer.shared.value)
            #expect(found == [.close(1_007)])
        }

        /// Autobahn 9.1 to 9.6.
        @Test(arguments: [
            (1 << 20, 1 << 20), (4 << 20, 65_536), (1 << 20, 64), (16 << 20, 16 << 20), (65_536, 1),
        ])
        func largeMessage_comesBackWhole(bytes: Int, fragment: Int) async throws {
            let payload = (0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ $0 >> 9) }
            var sent: [UInt8] = []
            sent.reserveCapacity(bytes + bytes / fragment * 14)
            for start in stride(from: 0, to: bytes, by: fragment) {
                let opcode: UInt8 = start == 0 ? 0x02 : 0x00
                let final: UInt8 = start + fragment >= bytes ? 0x80 : 0x00
                sent += SentFrame.frame(opcode | final, Array(payload[start..<min(start + fragment, bytes)]))
            }
            sent += SentFrame.close(1_000)
            let found = try await EchoCase.exchange([sent], try await ConformanceServer.shared.value)
            #expect(found == [.binary(payload), .close(1_000)])
        }

        @Test func messageThatGrowsTooLarge_endsTheConnectionWith1009() async throws {
            let half = SentFrame.frame(0x02, [UInt8](repeating: 0, count: 9 << 20))
            let more = SentFrame.frame(0x80, [UInt8](repeating: 0, count: 8 << 20))
            let found = try await EchoCase.exchange([half, more], try await ConformanceServer.shared.value)
            #expect(found == [.close(1_009)])
        }

        @Test func framesSentWithTheHandshake_areProcessed() async throws {
            let client = try await ConformanceServer.shared.value.connect()
            let request = Array(TestWebSocketClient.request(path: "/test/echo").utf8)
            try await client.send(request + SentFrame.text("early") + SentFrame.close(1_000))
            #expect(try await client.response(hasBody: false).status == 101)
            #expect(ReceivedFrame.all(in: try await client.untilEnd()) == [.text("early"), .close(1_000)])
        }

        @Test func manySmallMessages_comeBackInOrder() async throws {
            let sent = (0..<5_000).flatMap { SentFrame.text("message \($0)") } + SentFrame.close(1_000)
            let found = try await EchoCase.exchange([sent], try await ConformanceServer.shared.value)
            #expect(found == (0..<5_000).map { .text("message \($0)") } + [.close(1_000)])
        }
    }
}
