/// A piece of an HTML document: text, or an element with attributes and children.
///
/// There is no case for ready-made markup, so every value on a page is escaped when it is rendered.
///
/// ```swift
/// let cell = HTMLTag.td(.class("number")) { "8.2 m/s" }
/// ```
package indirect enum HTMLNode: Sendable {
    /// Text; escaped when rendered.
    case text(String)
    /// An element with its attributes and children.
    case element(HTMLTag, [HTMLAttribute], [HTMLNode])
}

extension HTMLNode {
    /// A classic script that runs after parsing, in document order.
    static func deferredScript(_ source: SitePath) -> HTMLNode {
        .element(.script, [.src(source), .defer], [])
    }

    /// An ES module; the browser runs it after parsing, after the deferred scripts before it.
    static func moduleScript(_ source: SitePath) -> HTMLNode {
        .element(.script, [.type(.module), .src(source)], [])
    }

    /// A stylesheet link for the head.
    static func stylesheet(_ source: SitePath) -> HTMLNode {
        HTMLTag.link(.rel(.stylesheet), .href(source))
    }
}

/// Collects nodes and strings between braces into a list of nodes.
@resultBuilder
package enum HTMLBuilder {
    /// A string becomes text.
    package static func buildExpression(_ text: String) -> [HTMLNode] { [.text(text)] }
    /// One node.
    package static func buildExpression(_ node: HTMLNode) -> [HTMLNode] { [node] }
    /// Nodes made elsewhere.
    package static func buildExpression(_ nodes: [HTMLNode]) -> [HTMLNode] { nodes }
    /// The lines of a block, in order.
    package static func buildBlock(_ parts: [HTMLNode]...) -> [HTMLNode] { parts.flatMap(\.self) }
    /// An `if` without an `else`.
    package static func buildOptional(_ part: [HTMLNode]?) -> [HTMLNode] { part ?? [] }
    /// The first branch of an `if` or `switch`.
    package static func buildEither(first part: [HTMLNode]) -> [HTMLNode] { part }
    /// The other branch of an `if` or `switch`.
    package static func buildEither(second part: [HTMLNode]) -> [HTMLNode] { part }
    /// A `for` loop.
    package static func buildArray(_ parts: [[HTMLNode]]) -> [HTMLNode] { parts.flatMap(\.self) }
}
