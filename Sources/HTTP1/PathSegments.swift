/// Splits a request's path into segments and percent-decodes each of them once (RFC 3986 section 3.3).
///
/// An encoded slash stays inside its segment. A path is unsafe if it has a `.` or `..` segment, even an encoded one, a
/// control character, an unencoded backslash or a broken escape. The endpoint responds to it with 400 and never guesses
/// its meaning.
package enum PathSegments {
    /// Splits a path as it was sent.
    ///
    /// ```swift
    /// PathSegments.decoded("/fleets/a%2Fb")   // ["fleets", "a/b"]
    /// ```
    /// - Returns: the segments between slashes. The path `/` has none, and a trailing slash gives an empty last one.
    ///   Nil if the path does not start with `/`, or is unsafe as described above.
    package static func decoded(_ path: String) -> [String]? {
        // A URI must not contain a backslash, and some programs treat it as a slash.
        guard path.utf8.first == ASCII.slash, !path.utf8.contains(ASCII.backslash) else { return nil }
        guard path.utf8.count > 1 else { return [] }
        var segments: [String] = []
        for part in path.utf8.dropFirst().split(separator: ASCII.slash, omittingEmptySubsequences: false) {
            // The parser accepts only ASCII in a path, so the first check fails only for other callers.
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
