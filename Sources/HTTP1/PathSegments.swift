/// The segments of a request's path, each percent-decoded once (RFC 3986 section 3.3).
///
/// An encoded slash stays inside its segment. A path with a `.` or `..` segment, however it is encoded, with a
/// control character, a bare backslash or a broken escape has no segments: the endpoint responds with 400 and never
/// guesses what was meant.
package enum PathSegments {
    /// Splits a path as sent.
    ///
    /// ```swift
    /// PathSegments.decoded("/fleets/a%2Fb")   // ["fleets", "a/b"]
    /// ```
    /// - Returns: the segments between slashes; `/` has none, and a trailing slash gives an empty last one. nil when the
    ///   path does not start with `/` or is unsafe as described above.
    package static func decoded(_ path: String) -> [String]? {
        // No URI holds a backslash, and some readers take it for a slash.
        guard path.utf8.first == ASCII.slash, !path.utf8.contains(ASCII.backslash) else { return nil }
        guard path.utf8.count > 1 else { return [] }
        var segments: [String] = []
        for part in path.utf8.dropFirst().split(separator: ASCII.slash, omittingEmptySubsequences: false) {
            // All bytes are ASCII in every target that the parser lets through.
            guard part.allSatisfy({ $0 < 0x80 }), let segment = PercentDecoding.decode(Substring(part)),
                isSafe(segment)
            else { return nil }
            segments.append(segment)
        }
        return segments
    }

    private static func isSafe(_ segment: String) -> Bool {
        segment != "." && segment != ".." && !segment.utf8.contains { $0 < 0x20 || $0 == ASCII.delete }
    }
}
