/// A validator of a representation (RFC 9110 section 8.8.3).
package struct EntityTag: Sendable, Hashable, CustomStringConvertible {
    /// The bytes between the quotes.
    package let opaque: String
    /// Whether equal tags promise only equivalence, not equal bytes.
    package let isWeak: Bool

    /// A tag; `opaque` must be visible ASCII without quotes.
    package init(_ opaque: String, isWeak: Bool = false) {
        self.opaque = opaque
        self.isWeak = isWeak
    }

    /// The tag as a field holds it: `"abc"` or `W/"abc"`.
    package var description: String { (isWeak ? "W/\"" : "\"") + opaque + "\"" }

    /// Whether both name the same, weak or not (section 8.8.3.2).
    package func matchesWeakly(_ other: EntityTag) -> Bool { opaque == other.opaque }

    /// Whether both are strong and the same (section 8.8.3.2).
    package func matchesStrongly(_ other: EntityTag) -> Bool {
        opaque == other.opaque && !isWeak && !other.isWeak
    }
}
