import Testing

@testable import HarborFleetSite
@testable import Supervision

struct SupervisionPageTests {
    @Test func node_hasARow_andItsFailureIsEscaped() {
        let child = SupervisionNode(
            name: "north", kind: .worker, state: .quarantined, restarts: 3, mailboxLength: 7,
            lastFailure: "<script>alert(1)</script>")
        let tree = SupervisionNode(name: "server", kind: .supervisor, state: .running, children: [child])
        let bytes = SupervisionPage(tree, asOf: "2026-11-20T17:00:01.004Z").render()
        let page = String(decoding: bytes, as: UTF8.self)
        #expect(page.contains("2026-11-20 17:00:01 UTC</time>"))
        #expect(page.contains("<td>server</td>"))
        #expect(page.contains("<td>\u{A0}\u{A0}\u{A0}north</td>"))
        #expect(page.contains("<td>quarantined</td><td>3</td>"))
        #expect(page.contains("&lt;script&gt;"))
        #expect(!page.contains("<script>"))
    }
}
