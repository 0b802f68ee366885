/// The name of an HTML element. Closed: only the elements that our pages use can be written.
package struct HTMLTag: Sendable {
    let name: String
    /// A void element has no content and no end tag (HTML, 13.1.2).
    let isVoid: Bool

    private init(_ name: String, isVoid: Bool = false) {
        self.name = name
        self.isVoid = isVoid
    }

    /// Makes an element of this name.
    package func callAsFunction(
        _ attributes: HTMLAttribute..., @HTMLBuilder content: () -> [HTMLNode]
    ) -> HTMLNode {
        .element(self, attributes, content())
    }

    /// Makes an empty element of this name.
    package func callAsFunction(_ attributes: HTMLAttribute...) -> HTMLNode {
        .element(self, attributes, [])
    }
}

extension HTMLTag {
    static let html = HTMLTag("html")
    static let head = HTMLTag("head")
    static let title = HTMLTag("title")
    static let meta = HTMLTag("meta", isVoid: true)
    static let link = HTMLTag("link", isVoid: true)
    /// Only ever made empty with a `src`, by `HTMLNode.deferredScript` and `moduleScript`: text inside a script
    /// would not be protected by escaping.
    static let script = HTMLTag("script")
    static let body = HTMLTag("body")
    static let header = HTMLTag("header")
    static let footer = HTMLTag("footer")
    static let nav = HTMLTag("nav")
    static let main = HTMLTag("main")
    static let section = HTMLTag("section")
    static let div = HTMLTag("div")
    static let span = HTMLTag("span")
    static let h1 = HTMLTag("h1")
    static let h2 = HTMLTag("h2")
    static let p = HTMLTag("p")
    static let a = HTMLTag("a")
    static let ul = HTMLTag("ul")
    static let li = HTMLTag("li")
    static let dl = HTMLTag("dl")
    static let dt = HTMLTag("dt")
    static let dd = HTMLTag("dd")
    static let code = HTMLTag("code")
    static let time = HTMLTag("time")
    static let table = HTMLTag("table")
    static let caption = HTMLTag("caption")
    static let colgroup = HTMLTag("colgroup")
    static let col = HTMLTag("col", isVoid: true)
    static let thead = HTMLTag("thead")
    static let tbody = HTMLTag("tbody")
    static let tr = HTMLTag("tr")
    static let th = HTMLTag("th")
    static let td = HTMLTag("td")
    static let form = HTMLTag("form")
    static let label = HTMLTag("label")
    static let input = HTMLTag("input", isVoid: true)
    static let button = HTMLTag("button")
}
