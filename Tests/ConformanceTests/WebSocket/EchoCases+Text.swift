/// Categories 6 and 7 of Autobahn: UTF-8 (RFC 3629) and closing.
extension EchoCase {
    private typealias Sent = SentFrame

    static let characters: [EchoCase] =
        valid.map { name, text in EchoCase("6 §5.6", name, Sent.frame(0x81, text), .text(text)) }
        + valid.map { name, text in
            EchoCase("6 §5.6", "\(name), a byte a fragment", bytewise(text), .text(text))
        }
        + invalid.map { name, text in EchoCase("6 §8.1", name, Sent.frame(0x81, text), endsWith: 1_007) }
        + invalid.map { name, text in
            EchoCase("6 §8.1", "\(name), a byte a fragment", bytewise(text), endsWith: 1_007)
        }

    /// A text in a fragment for each byte, and an empty last one.
    private static func bytewise(_ text: [UInt8]) -> [UInt8] {
        text.enumerated().flatMap { Sent.frame($0.offset == 0 ? 0x01 : 0x00, [$0.element]) }
            + Sent.frame(text.isEmpty ? 0x81 : 0x80, [])
    }

    private static let valid: [(String, [UInt8])] = [
        ("Greek", Array("κόσμε".utf8)), ("umlauts", Array("Hello-µ@ßöäüàá-UTF-8!!".utf8)),
        ("U+0000", [0x00]), ("U+007F", [0x7F]), ("U+0080", [0xC2, 0x80]), ("U+07FF", [0xDF, 0xBF]),
        ("U+0800", [0xE0, 0xA0, 0x80]), ("U+D7FF", [0xED, 0x9F, 0xBF]), ("U+E000", [0xEE, 0x80, 0x80]),
        ("U+FFFD", [0xEF, 0xBF, 0xBD]), ("U+FFFE", [0xEF, 0xBF, 0xBE]), ("U+FFFF", [0xEF, 0xBF, 0xBF]),
        ("U+10000", [0xF0, 0x90, 0x80, 0x80]), ("U+10FFFF", [0xF4, 0x8F, 0xBF, 0xBF]),
    ]

    private static let invalid: [(String, [UInt8])] = [
        ("a surrogate in Greek", Array("κόσμε".utf8) + [0xED, 0xA0, 0x80] + Array("edited".utf8)),
        ("U+110000", [0xF4, 0x90, 0x80, 0x80]), ("five bytes", [0xF8, 0x88, 0x80, 0x80, 0x80]),
        ("six bytes", [0xFC, 0x84, 0x80, 0x80, 0x80, 0x80]), ("FE", [0xFE]), ("FF", [0xFF]),
        ("a continuation alone", [0x80]), ("the last continuation alone", [0xBF]),
        ("a first byte alone", [0xC2]), ("two of three", [0xE2, 0x82]),
        ("three of four", [0xF0, 0x9F, 0x9A]),
        ("a letter in a character", [0xE2, 0x82, 0x28]), ("an overlong slash", [0xC0, 0xAF]),
        ("an overlong slash of three", [0xE0, 0x80, 0xAF]), ("of four", [0xF0, 0x80, 0x80, 0xAF]),
        ("overlong NUL", [0xC0, 0x80]), ("overlong U+007F", [0xC1, 0xBF]),
        ("overlong U+07FF", [0xE0, 0x9F, 0xBF]),
        ("overlong U+FFFF", [0xF0, 0x8F, 0xBF, 0xBF]), ("U+D800", [0xED, 0xA0, 0x80]),
        ("U+DFFF", [0xED, 0xBF, 0xBF]),
        ("a pair of surrogates", [0xED, 0xA0, 0x80, 0xED, 0xB0, 0x80]), ("F5", [0xF5, 0x80, 0x80, 0x80]),
    ]

    static let closes: [EchoCase] =
        goodCodes.map { EchoCase("7.7 §7.4", "code \($0)", Sent.close($0), endsWith: $0) }
        + badCodes.map { EchoCase("7.9 §7.4", "code \($0)", Sent.close($0), endsWith: 1_002) }
        + [
            EchoCase("7.1 §7.1", "a message, then close", Sent.text("a"), .text("a")),
            EchoCase("7.1 §5.5.1", "two closes", Sent.close(1_000) + Sent.close(1_001), endsWith: 1_000),
            EchoCase("7.1 §5.5.1", "a ping behind a close", Sent.close(1_000) + Sent.ping(), endsWith: 1_000),
            EchoCase(
                "7.1 §5.5.1", "noise behind a close", Sent.close(1_000) + [0xFF, 0xFF], endsWith: 1_000),
            EchoCase("7.3 §5.5.1", "no code", Sent.frame(0x88, []), endsWith: nil),
            EchoCase("7.3 §5.5.1", "half a code", Sent.frame(0x88, [3]), endsWith: 1_002),
            EchoCase("7.3 §5.5.1", "a reason", Sent.close(1_000, Array("Hello".utf8)), endsWith: 1_000),
            EchoCase("7.3 §5.5", "the longest reason", Sent.close(1_000, reason(123)), endsWith: 1_000),
            EchoCase("7.3 §5.5", "a reason too long", Sent.close(1_000, reason(124)), endsWith: 1_002),
            EchoCase(
                "7.5 §8.1", "a reason that is no UTF-8", Sent.close(1_000, [0xC0, 0x80]), endsWith: 1_007),
            EchoCase("7 §5.4", "a close in fragments", Sent.frame(0x08, [3, 0xE8]), endsWith: 1_002),
        ]

    private static let goodCodes: [UInt16] = [
        1_000, 1_001, 1_002, 1_003, 1_007, 1_008, 1_009, 1_010, 1_011, 1_012, 1_013, 1_014, 3_000, 3_999,
        4_000, 4_999,
    ]
    private static let badCodes: [UInt16] = [
        0, 1, 999, 1_004, 1_005, 1_006, 1_015, 1_016, 1_100, 2_000, 2_999, 5_000, 65_535,
    ]

    private static func reason(_ count: Int) -> [UInt8] { [UInt8](repeating: 0x2A, count: count) }
}
