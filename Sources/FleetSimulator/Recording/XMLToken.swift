/// A piece of an XML text.
enum XMLToken: Equatable {
    /// A start tag, or the single tag of an empty element, which an `end` follows. `name` is without its prefix.
    case start(name: String, attributes: [String: String])
    case end(name: String)
    /// Character data with resolved references.
    case text(String)
    /// The text ends before its elements do. `place` names the open element or the unfinished markup. It is the
    /// last token.
    case cutOff(in: String)
}
