/// Renders nodes as the bytes of an HTML document. Only this file escapes text.
struct HTMLRenderer {
    private(set) var bytes: [UInt8] = []

    /// A whole document, with its doctype.
    static func document(_ root: HTMLNode, reservingCapacity capacity: Int) -> [UInt8] {
        var renderer = HTMLRenderer()
        renderer.bytes.reserveCapacity(capacity)
        renderer.appendTrusted("<!doctype html>\n")
        renderer.append(root)
        renderer.appendTrusted("\n")
        return renderer.bytes
    }

    mutating func append(_ node: HTMLNode) {
        switch node {
        case .text(let text): appendEscaped(text)
        case .element(let tag, let attributes, let children): append(tag, attributes, children)
        }
    }

    private mutating func append(_ tag: HTMLTag, _ attributes: [HTMLAttribute], _ children: [HTMLNode]) {
        appendTrusted("<")
        appendTrusted(tag.rawValue)
        for attribute in attributes { append(attribute) }
        appendTrusted(">")
        if tag.isVoid { return }
        for child in children { append(child) }
        appendTrusted("</")
        appendTrusted(tag.rawValue)
        appendTrusted(">")
    }

    private mutating func append(_ attribute: HTMLAttribute) {
        appendTrusted(" ")
        appendTrusted(attribute.name)
        guard let value = attribute.value else { return }
        appendTrusted("=\"")
        appendEscaped(value)
        appendTrusted("\"")
    }

    /// Appends names that `HTMLTag` and `HTMLAttribute` define, and this file's punctuation; never a value.
    private mutating func appendTrusted(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    /// Escapes text and quoted attribute values alike: the five characters that can end either of them.
    private mutating func appendEscaped(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): appendTrusted("&amp;")
            case UInt8(ascii: "<"): appendTrusted("&lt;")
            case UInt8(ascii: ">"): appendTrusted("&gt;")
            case UInt8(ascii: "\""): appendTrusted("&quot;")
            case UInt8(ascii: "'"): appendTrusted("&#39;")
            // A parser would replace or drop a NUL, depending on its position.
            case 0: appendTrusted("\u{FFFD}")
            default: bytes.append(byte)
            }
        }
    }
}
