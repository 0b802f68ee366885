import HarborFleetTesting
import Testing

@testable import HTTP1

@Suite struct TargetPartsTests {
    @Test(
        arguments: [
            ("", ""), ("abc", "abc"), ("a%20b", "a b"), ("%41%62", "Ab"), ("%C3%A9", "é"), ("%c3%a9", "é"),
            ("%252F", "%2F"), ("a+b", "a+b"), ("%00", "\u{0}"),
        ])
    func escapes_areDecodedOnce(text: String, expected: String) {
        #expect(PercentDecoding.decode(text) == expected)
    }

    @Test(
        arguments: [
            ("/", []), ("/a", ["a"]), ("/a/b", ["a", "b"]), ("/a/", ["a", ""]), ("//", ["", ""]),
            ("/a//b", ["a", "", "b"]),
            ("/a%2Fb/c", ["a/b", "c"]), ("/a%252Fb", ["a%2Fb"]), ("/...", ["..."]), ("/.a", [".a"]),
            ("/%C3%A9", ["é"]),
        ] as [(String, [String])])
    func path_isSplitSafely(path: String, expected: [String]) {
        #expect(PathSegments.decoded(path) == expected)
    }

    @Test(
        arguments: [
            (nil, "a", nil), ("", "a", nil), ("a=1", "a", "1"), ("a=1&a=2", "a", "1"), ("b=1&a", "a", ""),
            ("a=", "a", ""),
            ("a=1=2", "a", "1=2"), ("%61=%31", "a", "1"), ("a=x+y%2Bz", "a", "x y+z"), ("a=%", "a", "%"),
            ("a=%4", "a", "%4"),
            ("a=%zz1", "a", "%zz1"), ("a=%FF", "a", "\u{FFFD}"), ("&&a=1&", "a", "1"), ("=1", "", "1"),
            ("A=1", "a", nil),
            ("a=%26%3D", "a", "&="), ("\u{E9}=\u{20AC}+%E2%82%AC", "\u{E9}", "\u{20AC} \u{20AC}"),
        ] as [(String?, String, String?)])
    func query_givesTheFirstValue(query: String?, name: String, expected: String?) {
        #expect(QueryParameters(query)[name] == expected)
    }

    @Test func query_givesAllValuesInOrder() {
        #expect(QueryParameters("a=1&b&a=3").pairs.map(\.name) == ["a", "b", "a"])
        #expect(QueryParameters("a=1&b&a=3")["a"] == "1")
        #expect(QueryParameters(nil).pairs.isEmpty)
    }

    @Test func noise_neverTraps() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<2000 {
            let letters = (0..<Int.random(in: 0...20, using: &random)).map { _ in
                bytes("%%%2fEe./&=+a\"W,;q*0\\ ").randomElement(using: &random) ?? 0
            }
            let text = String(decoding: letters, as: UTF8.self)
            _ = PercentDecoding.decode(text)
            _ = AcceptHeader(text).preferred(of: ["a/b"])
            _ = AcceptEncodingHeader(text).prefersGzip
            _ = EntityTagList(text)
            #expect(QueryParameters(text).pairs.count <= letters.count)
            #expect(PathSegments.decoded("/" + text)?.contains("..") != true)
        }
    }
}

/// Targets with malformed escapes, and paths that could leave their folder.
@Suite struct TargetRefusalTests {
    @Test(arguments: ["%", "%4", "%zz", "a%2", "%C3", "%FF", "%ED%A0%80", "%%41"])
    func text_isNil_whenAnEscapeIsMalformed(text: String) {
        #expect(PercentDecoding.decode(text) == nil)
    }

    @Test(arguments: [
        "", "a", "*", "/.", "/..", "/a/../b", "/a/./b", "/%2e", "/%2E%2e/b", "/.%2e", "/a%00", "/a%0Ab",
        "/%7F",
        "/%", "/%zz/b", "/é",
    ])
    func path_isNil_whenItIsUnsafeOrMalformed(path: String) {
        #expect(PathSegments.decoded(path) == nil)
    }
}
