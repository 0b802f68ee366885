/// The segments of a request's path, each percent-decoded once (RFC 3986 section 3.3).
///
/// An encoded slash stays inside its segment. A path with a `.` or `..` segment, however it is encoded, with a
/// control character, a bare backslash or a broken escape has no segments: the endpoint answers it with 400 and never
/// guesses what was meant.
///
/// ```swift
/// PathSegments("/fleets/a%2Fb")?.segments   // ["fleets", "a/b"]
/// ```
package struct PathSegments: Sendable, Equatable, RandomAccessCollection {
    /// The segments between slashes; `/` has none, and a trailing slash gives an empty last one.
    package let segments: [String]

    /// Splits a path as sent; nil when it does not start with `/` or is unsafe as described above.
    package init?(_ path: String) {
        guard path.utf8.first == ASCII.slash else { return nil }
        // No URI holds one, and some readers take it for a slash.
        guard !path.utf8.contains(ASCII.backslash) else { return nil }
        guard path.utf8.count > 1 else {
            segments = []
            return
        }
        var found: [String] = []
        for part in path.utf8.dropFirst().split(separator: ASCII.slash, omittingEmptySubsequences: false) {
            guard let segment = Substring(part).isASCIIText ? PercentDecoding.decode(Substring(part)) : nil,
                Self.isSafe(segment)
            else { return nil }
            found.append(segment)
        }
        segments = found
    }

    private static func isSafe(_ segment: String) -> Bool {
        segment != "." && segment != ".." && !segment.utf8.contains { $0 < 0x20 || $0 == ASCII.delete }
    }

    /// 0.
    package var startIndex: Int { 0 }
    /// The number of segments.
    package var endIndex: Int { segments.count }
    /// The segment at a position below `endIndex`.
    package subscript(position: Int) -> String { segments[position] }
}

extension Substring {
    /// Whether all bytes are ASCII, as they are in every target that the parser lets through.
    fileprivate var isASCIIText: Bool { utf8.allSatisfy { $0 < 0x80 } }
}
