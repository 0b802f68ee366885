/// A piece of an XML text.
enum XMLToken: Equatable {
    /// A start tag, or an empty element's one tag, which an `end` follows. `name` without its prefix.
    case start(name: String, attributes: [String: String])
    case end(name: String)
    /// Character data, references resolved.
    case text(String)
}
