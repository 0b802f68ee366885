import Testing

extension Conformance {
    /// permessage-deflate (RFC 7692): categories 12 and 13 of Autobahn, and frames of a hostile client.
    @Suite(.serialized) struct Deflate {
        private static let name = "permessage-deflate"

        /// Section 7.1: offers, and the parameters of their agreement.
        @Test(
            arguments: [
                ("", []), ("; server_no_context_takeover", ["server_no_context_takeover"]),
                ("; client_no_context_takeover", ["client_no_context_takeover"]),
                (
                    "; client_no_context_takeover; server_no_context_takeover",
                    ["client_no_context_takeover", "server_no_context_takeover"]
                ),
                ("; server_max_window_bits=9", ["server_max_window_bits=9"]),
                ("; server_max_window_bits=12", ["server_max_window_bits=12"]),
                ("; server_max_window_bits=\"10\"", ["server_max_window_bits=10"]),
                ("; server_max_window_bits=15", ["server_max_window_bits=15"]),
                ("; client_max_window_bits", []),
                ("; client_max_window_bits=9", ["client_max_window_bits=9"]),
                ("; client_max_window_bits=15", []),
                (
                    "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; client_max_window_bits=9",
                    [
                        "server_no_context_takeover", "client_no_context_takeover",
                        "server_max_window_bits=9", "client_max_window_bits=9",
                    ]
                ),
                ("; unknown, permessage-deflate; server_max_window_bits=11", ["server_max_window_bits=11"]),
                ("; server_max_window_bits=8, permessage-deflate", []),
            ] as [(String, [String])])
        func offer_isAccepted_andItsParametersAreUsed(offer: String, parameters: [String]) async throws {
            let server = try await ConformanceServer.shared.value
            let conversation = try await DeflateConversation(offer: Self.name + offer, server)
            let agreement = try #require(conversation.agreement)
            #expect(agreement == Self.name || agreement.hasPrefix(Self.name + ";"))
            for parameter in parameters { #expect(agreement.contains(parameter), "\(agreement)") }
            let messages = Self.messages
            let echo = try await conversation.echo(messages)
            #expect(echo.messages == messages && echo.code == 1_000)
            let again = try await DeflateConversation(offer: Self.name + offer, server).echo(
                messages, fragment: 100)
            #expect(again.messages == messages && again.code == 1_000)
            Ledger.note(
                .deflate, exchanges: 2, failed: echo.messages != messages || again.messages != messages)
        }

        /// Sections 7.1.1 and 7.1.2: the connection goes on without compression.
        @Test(arguments: [
            "permessage-deflate; server_max_window_bits=8", "permessage-deflate; server_max_window_bits=7",
            "permessage-deflate; server_max_window_bits=16", "permessage-deflate; server_max_window_bits=010",
            "permessage-deflate; server_max_window_bits", "permessage-deflate; client_max_window_bits=16",
            "permessage-deflate; server_no_context_takeover=1", "permessage-deflate; unknown",
            "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
            "x-webkit-deflate-frame", "permessage-bzip2",
        ])
        func offerThatCannotBeMet_isDeclined(offer: String) async throws {
            let server = try await ConformanceServer.shared.value
            let conversation = try await DeflateConversation(offer: offer, server)
            #expect(conversation.agreement == nil)
            let frames = try await conversation.exchange(SentFrame.frame(0xC1, [0x00]))
            #expect(DeflateConversation.onlyClose(frames) == 1_002)
            Ledger.note(.deflate, exchanges: 1, failed: conversation.agreement != nil)
        }

        /// Frames that end a connection with agreed compression, and the close code.
        private static let wrong: [(code: UInt16, frames: [UInt8])] = [
            (1_007, SentFrame.frame(0xC2, [0xFF, 0xFF, 0xFF])),
            (1_007, SentFrame.frame(0xC2, [0x06, 0x00, 0x01])),
            (1_002, SentFrame.frame(0xC9, [])),
            (1_002, SentFrame.frame(0xC8, [0x03, 0xE8])),
            (1_002, SentFrame.frame(0x42, []) + SentFrame.frame(0xC0, [])),
            (1_002, SentFrame.frame(0x02, []) + SentFrame.frame(0xC0, [])),
            (1_002, SentFrame.frame(0xE2, [])),
            (1_002, SentFrame.frame(0xD2, [])),
            // "\u{FF}" in a stored block.
            (1_007, SentFrame.frame(0xC1, [0x00, 0x01, 0x00, 0xFE, 0xFF, 0xFF, 0x00])),
        ]

        @Test(arguments: 0..<wrong.count)
        func wrongFrame_endsTheConnectionWithItsCode(row: Int) async throws {
            let server = try await ConformanceServer.shared.value
            let (code, frames) = Self.wrong[row]
            let found = try await DeflateConversation(offer: Self.name, server).exchange(frames)
            #expect(DeflateConversation.onlyClose(found) == code)
            Ledger.note(.deflate, exchanges: 1, failed: DeflateConversation.onlyClose(found) != code)
        }

        /// Section 6: an uncompressed message may be sent between compressed ones.
        @Test func uncompressedMessages_areAccepted_betweenCompressedOnes() async throws {
            let server = try await ConformanceServer.shared.value
            let conversation = try await DeflateConversation(offer: Self.name, server)
            let mixed =
                SentFrame.binary([1, 2, 3]) + (try conversation.frames(of: [[4], []])) + SentFrame.ping()
            let frames = try await conversation.exchange(mixed + SentFrame.close(1_000))
            #expect(frames.filter { $0.first == 0x8A }.count == 1)
            #expect(frames.filter { $0.first & 0x0F == 2 }.count == 3)
            #expect(frames.last?.first == 0x88)
        }

        /// Short and long messages, repetitive and random ones, some beyond the smallest windows.
        private static let messages: [[UInt8]] = {
            let line = Array(#"{"type":"position","vehicle_id":"van-7","lat":53.5413,"lng":9.9842}"#.utf8)
            var noise: [UInt8] = []
            var state: UInt32 = 7
            for _ in 0..<5_000 {
                state = state &* 1_664_525 &+ 1_013_904_223
                noise.append(UInt8(state >> 24))
            }
            return [
                line, line, [], Array("a".utf8), noise, line + noise + line, noise,
                Array(repeating: 42, count: 100_000),
            ]
        }()
    }
}
