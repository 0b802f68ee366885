import Testing

@testable import TextFormats

@Suite struct JSONOutlineTests {
    @Test func members_haveTheirPlaces() throws {
        let text = "\u{FEFF}{ \"a\": {\"deep\": [1, 2]},\r\n  \"\\u0062\": \"é\", \"c\":null}"
        let outline = try JSONOutline(Array(text.utf8))
        #expect(outline.members.map(\.name) == ["a", "b", "c"])
        #expect(
            outline.members.map(\.place.description) == [
                "line 1, column 3", "line 2, column 3", "line 2, column 18",
            ])
        #expect(try JSONOutline(Array("{}".utf8)).members == [])
    }
}

/// Texts that are no JSON object (RFC 8259).
@Suite struct JSONOutlineRefusalTests {
    @Test(arguments: [
        ("", "line 1, column 1: the text ends too early"),
        ("{\"é\": tru}", "line 1, column 10: unexpected character"),
        ("{\"a\": 1}\n\n x", "line 3, column 2: text after the end of the value"),
        ("{\"a\": 01}", "line 1, column 9: invalid number"),
        ("// comment\n{}", "line 1, column 1: unexpected character"),
        ("{\"a\": \"\u{1}\"}", "line 1, column 8: control character in a string"),
        ("\u{FEFF}{\"a\": tru}", "line 1, column 10: unexpected character"),
        ("\u{FEFF}{\"a\": 1,\n \"a\": 2}", "line 2, column 2: an object names a member twice"),
        ("\u{FEFF}", "line 1, column 1: the text ends too early"),
        ("\u{FEFF}\u{FEFF}{}", "line 1, column 1: unexpected character"),
        ("{\"a\":" + String(repeating: "[", count: 70), "line 1, column 69: nested too deep"),
    ])
    func failure_namesThePlace_whenTheTextIsNotAnObject(text: String, expected: String) {
        let error = #expect(throws: JSONOutline.Failure.self) { try JSONOutline(Array(text.utf8)) }
        #expect(error?.description == expected)
    }
}
