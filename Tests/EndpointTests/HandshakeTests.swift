import Testing

@testable import Endpoint

@Suite struct HandshakeTests {
    /// The first is the example of the RFC.
    @Test(arguments: [
        ("dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        ("AAAAAAAAAAAAAAAAAAAAAA==", "ICX+Yqv66kxgM0FcWaLWlFLwTAI="),
        ("x3JJHMbDL1EzLkh9GBhXDw==", "HSmrc0sMlYUkAGmm5OPpG2HaGWk="),
    ])
    func key_givesTheAcceptValue(key: String, accept: String) {
        #expect(WebSocketHandshake.outcome(key: key, version: "13") == .accepted(accept: accept))
    }
}

/// Fields of a handshake that is not accepted (RFC 6455 section 4.2.1).
@Suite struct HandshakeRefusalTests {
    /// RFC 6455 section 1.3.
    private let key = "dGhlIHNhbXBsZSBub25jZQ=="

    @Test(arguments: ["8", "14", "", "013", "13, 8", nil] as [String?])
    func version_needsAnUpgrade_whenItIsNot13(version: String?) {
        #expect(WebSocketHandshake.outcome(key: key, version: version) == .upgradeRequired)
    }

    @Test(
        arguments: [
            nil, "", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ==, x",
            "dGhlIHNhbXBsZSBub25jZR==", "dGhlIHNhbXBsZSBub25jZSE=", "dGhlIHNhbXBsZSBub25jZS==!",
            "!!!!!!!!!!!!!!!!!!!!!!==",
            "AAAA", "========================",
        ] as [String?])
    func key_isABadRequest_whenItIsNot16Bytes(key: String?) {
        guard case .badRequest = WebSocketHandshake.outcome(key: key, version: "13") else {
            Issue.record("the key is accepted: \(key ?? "nil")")
            return
        }
    }
}
