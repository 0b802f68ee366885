import HarborFleetTesting
import Testing

@testable import WebSockets

@Suite struct HandshakeTests {
    /// RFC 6455 section 1.3.
    private let key = "dGhlIHNhbXBsZSBub25jZQ=="
    private let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

    @Test func example_ofTheRFC_isAccepted() {
        #expect(WebSocketHandshake.accept(key: key) == accept)
        #expect(WebSocketHandshake.outcome(key: key, version: "13") == .accepted(accept: accept))
        #expect(WebSocketHandshake.accepts(accept, key: key))
        #expect(!WebSocketHandshake.accepts("s3pPLMBiTxaQ9kYGzzhZRbK+xOp=", key: key))
        #expect(!WebSocketHandshake.accepts(nil, key: key))
    }

    @Test(arguments: ["8", "14", "", "013", "13, 8", nil] as [String?])
    func version_otherThan13_needsAnUpgrade(version: String?) {
        #expect(WebSocketHandshake.outcome(key: key, version: version) == .upgradeRequired)
    }

    @Test(
        arguments: [
            nil, "", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ==, x",
            "dGhlIHNhbXBsZSBub25jZR==", "dGhlIHNhbXBsZSBub25jZSE=", "dGhlIHNhbXBsZSBub25jZS==!",
            "!!!!!!!!!!!!!!!!!!!!!!==",
            "AAAA", "========================",
        ] as [String?])
    func key_thatIsNot16Bytes_isABadRequest(key: String?) {
        guard case .badRequest = WebSocketHandshake.outcome(key: key, version: "13") else {
            Issue.record("taken: \(key ?? "nil")")
            return
        }
    }

    @Test func key_ofAClient_isValid() {
        #expect(WebSocketHandshake.key(random: 0, 0) == "AAAAAAAAAAAAAAAAAAAAAA==")
        #expect(WebSocketHandshake.key(random: 0x7468_6520_7361_6D70, 0x6C65_206E_6F6E_6365) == key)
        var random = SeededGenerator(seed: 9)
        for _ in 0..<100 {
            #expect(
                WebSocketHandshake.isValidKey(WebSocketHandshake.key(random: random.next(), random.next())))
        }
    }

    @Test func subprotocol_isTheFirstOfTheClientsThatWeSpeak() {
        #expect(WebSocketHandshake.subprotocol(offered: "a, b ,c", supported: ["c", "b"]) == "b")
        #expect(WebSocketHandshake.subprotocol(offered: "a", supported: ["b"]) == nil)
        #expect(WebSocketHandshake.subprotocol(offered: nil, supported: ["b"]) == nil)
    }

    /// RFC 3174 section 7.3 and FIPS 180; the lengths meet every padding.
    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
        ),
        (String(repeating: "a", count: 1_000), "291e9a6c66994949b57ba5e650361e98fc36b1ba"),
        (String(repeating: "01234567", count: 80), "dea356a2cddd90c7a7ecedc5ebb563934f460452"),
        (String(repeating: "a", count: 55), "c1c8bbdc22796e28c0e15163d20899b65621d65a"),
        (String(repeating: "a", count: 56), "c2db330f6083854c99d4b5bfb6e8f29f201be699"),
        (String(repeating: "a", count: 64), "0098ba824b5c16427bd7a1122a5a442a25ec644d"),
    ])
    func digest_isThatOfTheRFC(text: String, hexadecimal: String) {
        let digest = SHA1.digest(bytes(text)).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }
        #expect(digest.joined() == hexadecimal)
    }

    /// RFC 4648 section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func base64_isThatOfTheRFC(text: String, encoded: String) {
        #expect(Base64.encode(bytes(text)) == encoded)
        #expect(Base64.decode(encoded) == bytes(text))
    }

    @Test(arguments: ["Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zm 9", "Zm9v\n", "Zg==Zg==", "Zm-_"])
    func base64_ofAnotherForm_isRefused(encoded: String) {
        #expect(Base64.decode(encoded) == nil)
    }

    @Test func base64_readsWhatItWrites() {
        var random = SeededGenerator(seed: 11)
        for count in 0..<200 {
            let input = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(Base64.decode(Base64.encode(input)) == input)
        }
    }
}
