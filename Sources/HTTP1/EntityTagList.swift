/// The value of `If-None-Match` or `If-Match` (RFC 9110 sections 13.1.1 and 13.1.2).
///
/// ```swift
/// if let value = head[.ifNoneMatch], EntityTagList(value)?.matchesWeakly(tag) == true { … 304 … }
/// ```
package enum EntityTagList: Sendable, Equatable {
    /// `*`: matches any existing representation.
    case any
    /// Matches these tags.
    case tags([EntityTag])

    /// Parses a field's value; nil if it is malformed. A malformed `If-None-Match` must be ignored.
    package init?(_ value: String) {
        let bytes = Array(value.utf8)
        let whole = ByteScan.trimmed(bytes.span, 0..<bytes.count)
        if whole.count == 1, bytes[whole.lowerBound] == ASCII.asterisk {
            self = .any
            return
        }
        var tags: [EntityTag] = []
        var index = 0
        while Self.skipSeparators(bytes, &index) {
            guard let tag = Self.tag(bytes, &index) else { return nil }
            tags.append(tag)
        }
        guard !tags.isEmpty else { return nil }
        self = .tags(tags)
    }

    /// Whether the list contains the tag by weak comparison, which `If-None-Match` requires.
    package func matchesWeakly(_ tag: EntityTag) -> Bool { holds { $0.matchesWeakly(tag) } }

    /// Whether the list contains the tag by strong comparison, which `If-Match` requires.
    package func matchesStrongly(_ tag: EntityTag) -> Bool { holds { $0.matchesStrongly(tag) } }

    private func holds(_ isMatch: (EntityTag) -> Bool) -> Bool {
        switch self {
        case .any: true
        case .tags(let tags): tags.contains(where: isMatch)
        }
    }

    /// Skips commas and blanks.
    /// - Returns: true when something else is left.
    private static func skipSeparators(_ bytes: [UInt8], _ index: inout Int) -> Bool {
        while index < bytes.count, ASCII.isBlank(bytes[index]) || bytes[index] == ASCII.comma { index += 1 }
        return index < bytes.count
    }

    /// Parses one tag. A tag has no escapes: a backslash or a comma in it is an ordinary character.
    private static func tag(_ bytes: [UInt8], _ index: inout Int) -> EntityTag? {
        let isWeak = bytes[index...].starts(with: "W/".utf8)
        let quote = isWeak ? index + 2 : index
        guard quote < bytes.count, bytes[quote] == ASCII.quote,
            let end = bytes[(quote + 1)...].firstIndex(of: ASCII.quote)
        else { return nil }
        let opaque = bytes[(quote + 1)..<end]
        index = end + 1
        guard !opaque.contains(where: { $0 <= ASCII.space || $0 == ASCII.delete }) else { return nil }
        guard index == bytes.count || ASCII.isBlank(bytes[index]) || bytes[index] == ASCII.comma else {
            return nil
        }
        return EntityTag(String(decoding: opaque, as: UTF8.self), isWeak: isWeak)
    }
}
