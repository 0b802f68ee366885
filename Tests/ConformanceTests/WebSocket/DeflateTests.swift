import Testing

extension Conformance {
    /// permessage-deflate: categories 12 and 13 of Autobahn, and what a hostile peer may send (RFC 7692).
    @Suite(.serialized) struct Deflate {
        private static let name = "permessage-deflate"

        /// Section 7.1: offers, and what an agreement to them has to say.
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
        func anOffer_isAgreedTo_andWhatWasAgreedHolds(offer: String, parameters: [String]) async throws {
            let server = try await ConformanceServer.shared.value
            let conversation = try await DeflateConversation(offer: Self.name + offer, server)
            let answer = try #require(conversation.answer)
            #expect(answer == Self.name || answer.hasPrefix(Self.name + ";"))
            for parameter in parameters { #expect(answer.contains(parameter), "\(answer)") }
            let messages = Self.messages
            let echo = try await conversation.echo(messages)
            #expect(echo.messages == messages && echo.code == 1_000)
            let again = try await DeflateConversation(offer: Self.name + offer, server).echo(
                messages, fragment: 100)
            #expect(again.messages == messages && again.code == 1_000)
            Ledger.note(
                .deflate, exchanges: 2, failed: echo.messages != messages || again.messages != messages)
        }

        /// Sections 7.1.1 and 7.1.2: the connection goes on without it.
        @Test(arguments: [
            "permessage-deflate; server_max_window_bits=8", "permessage-deflate; server_max_window_bits=7",
            "permessage-deflate; server_max_window_bits=16", "permessage-deflate; server_max_window_bits=010",
            "permessage-deflate; server_max_window_bits", "permessage-deflate; client_max_window_bits=16",
            "permessage-deflate; server_no_context_takeover=1", "permessage-deflate; unknown",
            "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
            "x-webkit-deflate-frame", "permessage-bzip2",
        ])
        func anOffer_thatCannotBeMet_isDeclined(offer: String) async throws {
            let server = try await ConformanceServer.shared.value
            let conversation = try await DeflateConversation(offer: offer, server)
            #expect(conversation.answer == nil)
            let frames = try await conversation.exchange(SentFrame.frame(0xC1, [0x00]))
            #expect(DeflateConversation.onlyClose(frames) == 1_002)
            Ledger.note(.deflate, exchanges: 1, failed: conversation.answer != nil)
        }

        /// Frames that end a connection on which compression was agreed, and the code they end it with.
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
        func frames_thatAreWrong_endTheConnection(row: Int) async throws {
            let server = try await ConformanceServer.shared.value
            let (code, frames) = Self.wrong[row]
            let found = try await DeflateConversation(offer: Self.name, server).exchange(frames)
            #expect(DeflateConversation.onlyClose(found) == code)
            Ledger.note(.deflate, exchanges: 1, failed: DeflateConversation.onlyClose(found) != code)
        }

        /// Section 6: a message may be sent as it is, between those that are compressed.
        @Test func messages_mayBeLeftUncompressed() async throws {
            let server = try await ConformanceServer.shared.value
            let conversation = try await DeflateConversation(offer: Self.name, server)
            let mixed =
                SentFrame.binary([1, 2, 3]) + (try conversation.frames(of: [[4], []])) + SentFrame.ping()
            let frames = try await conversation.exchange(mixed + SentFrame.close(1_000))
            #expect(frames.filter { $0.first == 0x8A }.count == 1)
            #expect(frames.filter { $0.first & 0x0F == 2 }.count == 3)
            #expect(frames.last?.first == 0x88)
        }

        /// Short and long, alike and unlike, also beyond the smallest windows.
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
