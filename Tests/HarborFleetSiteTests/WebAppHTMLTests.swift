import Testing

@testable import HarborFleetSite

@Suite struct WebAppHTMLTests {
    private func render(_ node: HTMLNode) -> String {
        var renderer = HTMLRenderer()
        renderer.append(node)
        return String(decoding: renderer.bytes, as: UTF8.self)
    }

    @Test func text_isEscaped() {
        let node = HTMLTag.p { "<script>alert('1' & \"2\")</script>" }
        #expect(
            render(node)
                == "<p>&lt;script&gt;alert(&#39;1&#39; &amp; &quot;2&quot;)&lt;/script&gt;</p>")
    }

    @Test func attributeValue_isEscaped() {
        let node = HTMLTag.div(.class("\"><script>"))
        #expect(render(node) == "<div class=\"&quot;&gt;&lt;script&gt;\"></div>")
    }

    @Test func zeroByte_isReplaced() {
        #expect(render(.text("a\u{0}b")) == "a\u{FFFD}b")
    }

    @Test func voidElement_hasNoEndTag() {
        #expect(render(HTMLTag.input(.name("x"), .required)) == "<input name=\"x\" required>")
    }

    @Test func builder_keepsTheOrderOfLoopsAndBranches() {
        let node = HTMLTag.ul {
            for number in 1...2 { HTMLTag.li { "\(number)" } }
            if render(.text("")).isEmpty { "end" } else { "never" }
        }
        #expect(render(node) == "<ul><li>1</li><li>2</li>end</ul>")
    }

    @Test(arguments: [
        ("/", true), ("/fleets/a?x=1", true), ("//evil.example", false), ("/\\evil.example", false),
        ("https://evil.example", false), ("javascript:alert(1)", false), ("", false), ("/a\r\nb", false),
        ("/a b", false), ("/ä", false), ("fleets", false),
        ("/" + String(repeating: "a", count: 2_048), false),
    ])
    func localPath_isAccepted_whenItStaysOnThisSite(text: String, isAccepted: Bool) {
        #expect((SitePath(local: text) != nil) == isAccepted)
    }

    @Test func fleetPath_isEncoded() {
        #expect(SitePath.fleet("a/../b?c#d é").text == "/fleets/a%2F..%2Fb%3Fc%23d%20%C3%A9")
        #expect(SitePath.fleet("van-7_x.y~z").text == "/fleets/van-7_x.y~z")
    }

    @Test(arguments: [
        (8.24, 1, "8.2"), (8.25001, 1, "8.3"), (-0.01, 1, "0.0"), (-9.98421, 5, "−9.98421"),
        (270.6, 0, "271"), (53.5, 5, "53.50000"), (9.99999999, 2, "10.00"),
    ])
    func decimalText_roundsToTheGivenPlaces(value: Double, decimals: Int, expected: String) {
        #expect(DecimalText.format(value, decimals: decimals) == expected)
    }

    @Test(arguments: [Double.nan, .infinity, 1e300, -1e12])
    func decimalText_isNil_whenTheNumberCannotBeShown(value: Double) {
        #expect(DecimalText.format(value, decimals: 1) == nil)
    }
}
