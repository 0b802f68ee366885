/// A piece of an XML text.
enum XMLToken: Equatable {
    /// A start tag, or an empty element's one tag, which an `end` follows. `name` without its prefix.
    case start(name: String, attributes: [String: String])
    case end(name: String)
    /// Character data, references resolved.
    case text(String)
    /// The text ends before its elements do. `place` names the open element or the unfinished markup. Nothing follows.
    case cutOff(in: String)
}
