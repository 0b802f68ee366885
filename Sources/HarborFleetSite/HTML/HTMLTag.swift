/// The name of an HTML element. The set is closed: it has only the elements that our pages use.
package enum HTMLTag: String, Sendable {
    case html, head, title, meta, link, body, header, footer, nav, main, section, div, span, h1, h2, p, a, ul,
        li, dl, dt, dd
    case code, time, table, caption, colgroup, col, thead, tbody, tr, th, td, form, label, input, button
    /// Only made empty with a `src`, by `HTMLNode.deferredScript` and `moduleScript`: escaping would not protect
    /// text inside a script.
    case script

    /// A void element has no content and no end tag (HTML, 13.1.2).
    var isVoid: Bool {
        switch self {
        case .meta, .link, .col, .input: true
        default: false
        }
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
