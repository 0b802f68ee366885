import Testing

@testable import WebSockets

@Suite struct PerMessageDeflateTests {
    /// What a server with the default settings answers; nil when it declines.
    private func answer(_ offered: String, _ settings: WebSocketCompression = .init()) -> String? {
        guard case .agreed(let deflate) = PerMessageDeflate.outcome(offered: offered, settings: settings)
        else {
            return nil
        }
        return deflate.response
    }

    @Test(arguments: [
        ("permessage-deflate", "permessage-deflate"),
        ("permessage-deflate; client_max_window_bits", "permessage-deflate"),
        ("permessage-deflate; client_max_window_bits=15", "permessage-deflate"),
        (
            "permessage-deflate; client_max_window_bits=10",
            "permessage-deflate; client_max_window_bits=10"
        ),
        ("permessage-deflate;client_max_window_bits=8", "permessage-deflate; client_max_window_bits=8"),
        (
            "permessage-deflate; server_no_context_takeover",
            "permessage-deflate; server_no_context_takeover"
        ),
        (
            "permessage-deflate; client_no_context_takeover",
            "permessage-deflate; client_no_context_takeover"
        ),
        (
            "permessage-deflate; server_max_window_bits=15",
            "permessage-deflate; server_max_window_bits=15"
        ),
        ("permessage-deflate; server_max_window_bits=9", "permessage-deflate; server_max_window_bits=9"),
        (
            "permessage-deflate ;\tserver_max_window_bits = \"1\\2\" ; client_max_window_bits=\"11\";"
                + "server_no_context_takeover;client_no_context_takeover",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
                + "server_max_window_bits=12; client_max_window_bits=11"
        ),
    ])
    func offers_areAnsweredWithWhatIsUsed(offer: String, expected: String) throws {
        #expect(answer(offer) == expected)
        // And a client understands it.
        #expect(PerMessageDeflate(response: expected)?.response == expected)
    }

    @Test(arguments: [
        "", "permessage-bzip2", "x-webkit-deflate-frame", "Permessage-Deflate",
        "permessage-deflate; server_max_window_bits=8", "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=7", "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=09", "permessage-deflate; server_max_window_bits=+9",
        "permessage-deflate; server_max_window_bits=99999999999999999999",
        "permessage-deflate; client_max_window_bits=7", "permessage-deflate; client_max_window_bits=16",
        "permessage-deflate; client_max_window_bits=010", "permessage-deflate; client_max_window_bits=1x",
        "permessage-deflate; server_no_context_takeover=true",
        "permessage-deflate; client_no_context_takeover=1",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; client_max_window_bits; client_max_window_bits=10",
        "permessage-deflate; unknown", "permessage-deflate; mode=fast; client_max_window_bits",
    ])
    func offers_thatCannotBeMet_areDeclined(offer: String) {
        #expect(PerMessageDeflate.outcome(offered: offer, settings: WebSocketCompression()) == .declined)
    }

    @Test func theFirstOffer_thatCanBeMet_isTaken() {
        #expect(
            answer(
                "foo; a=b, permessage-deflate; server_max_window_bits=8, permessage-deflate; unknown, , "
                    + "permessage-deflate; server_max_window_bits=10, permessage-deflate")
                == "permessage-deflate; server_max_window_bits=10")
    }

    @Test(arguments: [
        ";", "permessage-deflate;", "permessage-deflate; ;a", "permessage-deflate; a=", "a b",
        "permessage-deflate; a=\"", "permessage-deflate; a=\"\"", "permessage-deflate; a=\"b c\"",
        "permessage-deflate; a=\"b\\", "permessage-deflate; a=\"b\"c", "permessage-deflate; =b",
        "\"permessage-deflate\"", "permessage-deflate; a==b", "permessage-deflate; é", "a/b", "a, b c",
        "permessage-deflate; a=\"b,c\"",
    ])
    func whatIsNoListOfExtensions_isMalformed(field: String) {
        #expect(PerMessageDeflate.outcome(offered: field, settings: WebSocketCompression()) == .malformed)
        // Also where nothing would be agreed to: the handshake fails all the same.
        #expect(PerMessageDeflate.outcome(offered: field, settings: nil) == .malformed)
    }

    @Test func nothingIsAgreed_withoutAnOffer_orWithoutSettings() {
        #expect(PerMessageDeflate.outcome(offered: nil, settings: WebSocketCompression()) == .declined)
        #expect(PerMessageDeflate.outcome(offered: "permessage-deflate", settings: nil) == .declined)
    }

    @Test func settings_limitWhatIsAgreed() {
        var settings = WebSocketCompression()
        settings.serverKeepsHistory = false
        settings.clientKeepsHistory = false
        settings.serverWindowBits = 11
        settings.clientWindowBits = 10
        let head = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
        // A client that does not name its window cannot be told one (RFC 7692 section 7.1.2.2).
        #expect(answer("permessage-deflate", settings) == head + "; server_max_window_bits=11")
        #expect(
            answer("permessage-deflate; client_max_window_bits; server_max_window_bits=9", settings)
                == head + "; server_max_window_bits=9; client_max_window_bits=10")
        #expect(
            answer("permessage-deflate; client_max_window_bits=9; server_max_window_bits=12", settings)
                == head + "; server_max_window_bits=11; client_max_window_bits=9")
    }

    @Test func bothDirections_areNamed() throws {
        let offer = "permessage-deflate; server_max_window_bits=9; client_no_context_takeover"
        guard case .agreed(let deflate) = PerMessageDeflate.outcome(offered: offer, settings: .init()) else {
            Issue.record("declined")
            return
        }
        #expect(deflate.server == DeflateParameters(windowBits: 9, keepsHistory: true))
        #expect(deflate.client == DeflateParameters(windowBits: 15, keepsHistory: false))
    }

    @Test(arguments: [
        "", "foo", "permessage-deflate; client_max_window_bits", "permessage-deflate, permessage-deflate",
        "permessage-deflate; x", "permessage-deflate; server_max_window_bits=16",
    ])
    func answers_thatAClientCannotAccept_areRefused(answer: String) {
        #expect(PerMessageDeflate(response: answer) == nil)
    }
}
