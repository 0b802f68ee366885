import Testing

@testable import HarborFleetServer

@Suite struct NearestWordTests {
    @Test(arguments: [
        ("", "", 0), ("abc", "", 3), ("kitten", "sitting", 3), ("lst", "list", 1), ("sreve", "serve", 1),
        ("ca", "abc", 3),
    ])
    func edits_areCounted(a: String, b: String, count: Int) {
        #expect(NearestWord.edits(from: Array(a), to: Array(b)) == count)
        #expect(NearestWord.edits(from: Array(b), to: Array(a)) == count)
    }

    @Test func nearest_isNil_whenEveryWordIsFar() {
        #expect(NearestWord.nearest(to: "xyz", among: ["add", "list"]) == nil)
        #expect(NearestWord.nearest(to: String(repeating: "a", count: 100_000), among: ["add"]) == nil)
        #expect(NearestWord.nearest(to: "", among: ["add"]) == nil)
    }
}
