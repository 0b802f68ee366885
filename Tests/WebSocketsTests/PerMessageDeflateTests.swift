import Testing

@testable import WebSockets

@Suite struct PerMessageDeflateTests {
    /// The server's response to an offer; nil when it declines.
    private func response(_ offered: String, _ settings: WebSocketCompression = .init()) -> String? {
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
    func offer_isAnsweredWithTheParametersInUse(offer: String, expected: String) throws {
        #expect(response(offer) == expected)
        // A client understands the response.
        #expect(PerMessageDeflate(response: expected)?.response == expected)
    }

    @Test func firstOfferThatCanBeMet_isAccepted() {
        #expect(
            response(
                "foo; a=b, permessage-deflate; server_max_window_bits=8, permessage-deflate; unknown, , "
                    + "permessage-deflate; server_max_window_bits=10, permessage-deflate")
                == "permessage-deflate; server_max_window_bits=10")
    }

    @Test func nothingIsAgreed_withoutAnOfferOrSettings() {
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
        // The server may not set the window of a client that does not name it (RFC 7692 section 7.1.2.2).
        #expect(response("permessage-deflate", settings) == head + "; server_max_window_bits=11")
        #expect(
            response("permessage-deflate; client_max_window_bits; server_max_window_bits=9", settings)
                == head + "; server_max_window_bits=9; client_max_window_bits=10")
        #expect(
            response("permessage-deflate; client_max_window_bits=9; server_max_window_bits=12", settings)
                == head + "; server_max_window_bits=11; client_max_window_bits=9")
    }

    @Test func agreement_namesBothDirections() throws {
        let offer = "permessage-deflate; server_max_window_bits=9; client_no_context_takeover"
        guard case .agreed(let deflate) = PerMessageDeflate.outcome(offered: offer, settings: .init()) else {
            Issue.record("declined")
            return
        }
        #expect(deflate.server == DeflateParameters(windowBits: 9, keepsHistory: true))
        #expect(deflate.client == DeflateParameters(windowBits: 15, keepsHistory: false))
    }
}

/// Offers and responses of extensions that cannot be accepted (RFC 7692 section 7).
@Suite struct PerMessageDeflateRefusalTests {
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
    func offer_isDeclined_whenItCannotBeMet(offer: String) {
        #expect(PerMessageDeflate.outcome(offered: offer, settings: WebSocketCompression()) == .declined)
    }

    @Test(arguments: [
        ";", "permessage-deflate;", "permessage-deflate; ;a", "permessage-deflate; a=", "a b",
        "permessage-deflate; a=\"", "permessage-deflate; a=\"\"", "permessage-deflate; a=\"b c\"",
        "permessage-deflate; a=\"b\\", "permessage-deflate; a=\"b\"c", "permessage-deflate; =b",
        "\"permessage-deflate\"", "permessage-deflate; a==b", "permessage-deflate; é", "a/b", "a, b c",
        "permessage-deflate; a=\"b,c\"",
    ])
    func offer_isMalformed_whenItIsNotAListOfExtensions(field: String) {
        #expect(PerMessageDeflate.outcome(offered: field, settings: WebSocketCompression()) == .malformed)
        // The handshake fails also where the server would agree to nothing.
        #expect(PerMessageDeflate.outcome(offered: field, settings: nil) == .malformed)
    }

    @Test(arguments: [
        "", "foo", "permessage-deflate; client_max_window_bits", "permessage-deflate, permessage-deflate",
        "permessage-deflate; x", "permessage-deflate; server_max_window_bits=16",
    ])
    func response_isRefused_whenAClientCannotAcceptIt(response: String) {
        #expect(PerMessageDeflate(response: response) == nil)
    }
}
