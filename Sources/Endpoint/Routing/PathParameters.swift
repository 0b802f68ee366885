/// The parts of a path that a route's pattern names. They are decoded when they are asked for, so that a
/// request whose handler looks at none pays for none.
package struct PathParameters: Sendable {
    /// Which segment a name stands for.
    struct Capture: Sendable, Equatable {
        let name: String
        let segment: Int
        /// Whether it stands for all segments from there on.
        let takesRest: Bool
    }

    let path: String
    let captures: [Capture]

    /// The decoded value of a parameter; nil when the route has no such one or its bytes are not UTF-8.
    ///
    /// The value of a catch-all is decoded too: what opens files by it has to look out for `..` itself.
    package subscript(name: String) -> String? {
        guard let capture = captures.first(where: { $0.name == name }) else { return nil }
        let segments = Self.segments(of: path)
        guard capture.segment < segments.count else { return nil }
        let taken =
            capture.takesRest ? segments[capture.segment...] : segments[capture.segment...capture.segment]
        return String(validating: Array(taken.joined(separator: [UInt8(ascii: "/")])), as: UTF8.self)
    }

    /// The decoded segments of a path; an undecodable one stays as it is (the router refuses such paths).
    static func segments(of path: String) -> [[UInt8]] {
        path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { PercentEncoding.decoded($0) ?? Array($0) }
    }
}
