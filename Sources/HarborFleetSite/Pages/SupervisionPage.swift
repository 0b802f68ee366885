package import Supervision

/// Shows the supervision tree to people: one row per node, indented by its depth.
package struct SupervisionPage {
    private let tree: SupervisionNode
    private let asOf: String

    /// - Parameter asOf: the time at which the page is made, RFC 3339 in UTC: nothing on it changes afterwards.
    package init(_ tree: SupervisionNode, asOf: String) {
        self.tree = tree
        self.asOf = asOf
    }

    /// The page's bytes, UTF-8. The page is self-contained: this listener serves no stylesheets.
    package func render() -> [UInt8] {
        let root = HTMLTag.html(.lang("en")) {
            HTMLTag.head {
                HTMLTag.meta(.charset("utf-8"))
                HTMLTag.title { "Supervision tree" }
            }
            HTMLTag.body {
                HTMLTag.main {
                    HTMLTag.h1 { "Supervision tree" }
                    HTMLNode.asOf(asOf)
                    table
                }
            }
        }
        return HTMLRenderer.document(root, reservingCapacity: 8_192)
    }

    private var table: HTMLNode {
        HTMLTag.table {
            HTMLTag.thead {
                HTMLTag.tr {
                    for title in ["Name", "Kind", "State", "Restarts", "Up", "Waiting", "Last failure"] {
                        HTMLTag.th { title }
                    }
                }
            }
            HTMLTag.tbody { rows(tree, depth: 0) }
        }
    }

    private func rows(_ node: SupervisionNode, depth: Int) -> [HTMLNode] {
        // No-break spaces: without a stylesheet nothing else would indent the name.
        let indent = String(repeating: "\u{A0}\u{A0}\u{A0}", count: depth)
        let cells = [
            indent + node.name, node.kind.rawValue, node.state.rawValue, "\(node.restarts)",
            node.uptime.map { "\($0.components.seconds) s" } ?? "–",
            node.mailboxLength.map { "\($0)" } ?? "–", node.lastFailure ?? "–",
        ]
        let row = HTMLTag.tr {
            for cell in cells { HTMLTag.td { cell } }
        }
        return [row] + node.children.flatMap { rows($0, depth: depth + 1) }
    }
}
