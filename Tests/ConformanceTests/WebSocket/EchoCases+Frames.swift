/// Categories 1 to 5 of Autobahn: frames, pings, reserved bits, opcodes, fragments.
extension EchoCase {
    private typealias Sent = SentFrame

    private static func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    }
    private static func star(_ count: Int) -> [UInt8] { [UInt8](repeating: 0x2A, count: count) }

    private static let sizes = [0, 1, 2, 125, 126, 127, 128, 1_000, 65_535, 65_536, 100_000]

    static let framing: [EchoCase] =
        sizes.map { EchoCase("1.1 §5.6", "text of \($0)", Sent.frame(0x81, star($0)), .text(star($0))) }
        + sizes.map { EchoCase("1.2 §5.6", "binary of \($0)", Sent.binary(bytes($0)), .binary(bytes($0))) }
        + [
            EchoCase("1 §5.3", "no mask", [0x81, 0x02, 0x68, 0x69], endsWith: 1_002),
            EchoCase("1 §5.3", "a ping without a mask", [0x89, 0x00], endsWith: 1_002),
            EchoCase(
                "1 §5.3", "a key of zeros", [0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69], .text("hi")),
            EchoCase(
                "1 §5.2", "a length of 2 bytes that fits 7 bits",
                Sent.header(0x82, length: 5, width: 2) + Sent.masked(bytes(5)), endsWith: 1_002),
            EchoCase(
                "1 §5.2", "a length of 8 bytes that fits 7 bits",
                Sent.header(0x82, length: 5, width: 8) + Sent.masked(bytes(5)), endsWith: 1_002),
            EchoCase(
                "1 §5.2", "a length of 8 bytes that fits 2",
                Sent.header(0x82, length: 500, width: 8) + Sent.masked(bytes(500)), endsWith: 1_002),
            EchoCase(
                "1 §5.2", "a length with its highest bit set", Sent.header(0x82, length: 1 << 63),
                endsWith: 1_002),
            EchoCase(
                "9 §7.4.1", "a frame of 2^62 bytes", Sent.header(0x82, length: 1 << 62), endsWith: 1_009),
            EchoCase(
                "9 §7.4.1", "a frame above 16 MiB", Sent.header(0x82, length: 16_777_217), endsWith: 1_009),
            EchoCase(
                "1 §5.6", "messages behind each other", Sent.text("a") + Sent.binary([1]) + Sent.text("c"),
                .text("a"), .binary([1]), .text("c")),
        ]

    static let pings: [EchoCase] = [
        EchoCase("2.1 §5.5.2", "a ping", Sent.ping(), .pong([])),
        EchoCase("2.2 §5.5.2", "a ping with text", Sent.ping(star(5)), .pong(star(5))),
        EchoCase(
            "2.3 §5.5.2", "a ping with bytes", Sent.ping([0, 255, 254, 253]), .pong([0, 255, 254, 253])),
        EchoCase("2.4 §5.5", "a ping of 125 bytes", Sent.ping(bytes(125)), .pong(bytes(125))),
        EchoCase("2.5 §5.5", "a ping of 126 bytes", Sent.ping(bytes(126)), endsWith: 1_002),
        EchoCase("2.7 §5.5.3", "a pong that nobody asked for", Sent.pong()),
        EchoCase("2.8 §5.5.3", "the same with bytes", Sent.pong(bytes(125))),
        EchoCase(
            "2.9 §5.5.3", "a pong, then a ping", Sent.pong(star(3)) + Sent.ping(star(4)), .pong(star(4))),
        EchoCase(
            "2.10 §5.5.3", "ten pings", (0..<10).flatMap { Sent.ping([$0]) }, .pong([0]), .pong([1]),
            .pong([2]),
            .pong([3]), .pong([4]), .pong([5]), .pong([6]), .pong([7]), .pong([8]), .pong([9])),
        EchoCase("2 §5.4", "a ping in fragments", Sent.frame(0x09, []), endsWith: 1_002),
        EchoCase("2 §5.5", "a pong of 126 bytes", Sent.pong(bytes(126)), endsWith: 1_002),
    ]

    static let reserved: [EchoCase] =
        (1..<8).map { bits in
            let first = 0x81 | UInt8(bits) << 4
            return EchoCase("3 §5.2", "reserved bits \(bits)", Sent.frame(first, star(3)), endsWith: 1_002)
        }
        + (1..<8).map { bits in
            let first = 0x89 | UInt8(bits) << 4
            return EchoCase(
                "3 §5.2", "reserved bits \(bits) in a ping", Sent.text("a") + Sent.frame(first, []),
                endsWith: 1_002, after: .text("a"))
        }

    static let opcodes: [EchoCase] = [UInt8(3), 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap { opcode in
        [
            EchoCase("4 §5.2", "opcode \(opcode)", Sent.frame(0x80 | opcode, []), endsWith: 1_002),
            EchoCase(
                "4 §5.2", "opcode \(opcode) behind a message",
                Sent.text("a") + Sent.frame(0x80 | opcode, star(3)),
                endsWith: 1_002, after: .text("a")),
        ]
    }

    static let fragments: [EchoCase] = [
        EchoCase("5.3 §5.4", "two fragments", part(0x01, "ab") + part(0x80, "cd"), .text("abcd")),
        EchoCase(
            "5.3 §5.4", "fragments of bytes", part(0x02, "ab") + part(0x80, "cd"), .binary(Array("abcd".utf8))
        ),
        EchoCase(
            "5.3 §5.4", "empty fragments", part(0x01, "") + part(0x00, "") + part(0x00, "a") + part(0x80, ""),
            .text("a")),
        EchoCase("5.3 §5.4", "only empty fragments", part(0x01, "") + part(0x80, ""), .text("")),
        EchoCase(
            "5.6 §5.4", "a ping between fragments", part(0x01, "ab") + Sent.ping([1]) + part(0x80, "cd"),
            .pong([1]),
            .text("abcd")),
        EchoCase(
            "5.19 §5.4", "pings between five fragments",
            part(0x01, "a") + part(0x00, "b") + Sent.ping([1]) + part(0x00, "c") + part(0x00, "d")
                + Sent.ping([2])
                + part(0x80, "e"), .pong([1]), .pong([2]), .text("abcde")),
        EchoCase(
            "5 §5.4", "a close between fragments", part(0x01, "ab") + Sent.close(1_000), endsWith: 1_000),
        EchoCase("5.9 §5.4", "a continuation of nothing", part(0x80, "a"), endsWith: 1_002),
        EchoCase("5.12 §5.4", "a first fragment that continues nothing", part(0x00, "a"), endsWith: 1_002),
        EchoCase(
            "5.15 §5.4", "a continuation behind a message",
            part(0x01, "a") + part(0x80, "b") + part(0x00, "c"),
            endsWith: 1_002, after: .text("ab")),
        EchoCase("5.18 §5.4", "a message in a message", part(0x01, "a") + part(0x81, "b"), endsWith: 1_002),
        EchoCase("5.18 §5.4", "the start of another one", part(0x01, "a") + part(0x02, "b"), endsWith: 1_002),
    ]

    private static func part(_ first: UInt8, _ text: String) -> [UInt8] {
        Sent.frame(first, Array(text.utf8))
    }
}
