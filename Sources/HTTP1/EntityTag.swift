/// An entity tag, which identifies one version of a resource (RFC 9110 section 8.8.3).
package struct EntityTag: Sendable, Hashable, CustomStringConvertible {
    /// The bytes between the quotes.
    package let opaque: String
    /// Whether equal tags promise only equivalent content, not equal bytes.
    package let isWeak: Bool

    /// Makes a tag. `opaque` must be visible ASCII without quotes.
    package init(_ opaque: String, isWeak: Bool = false) {
        self.opaque = opaque
        self.isWeak = isWeak
    }

    /// The tag as it is written in a field: `"abc"` or `W/"abc"`.
    package var description: String { (isWeak ? "W/\"" : "\"") + opaque + "\"" }

    /// Whether both tags are equal, weak or not (section 8.8.3.2).
    package func matchesWeakly(_ other: EntityTag) -> Bool { opaque == other.opaque }

    /// Whether both tags are strong and equal (section 8.8.3.2).
    package func matchesStrongly(_ other: EntityTag) -> Bool {
        opaque == other.opaque && !isWeak && !other.isWeak
    }
}
