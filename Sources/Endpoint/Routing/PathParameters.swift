internal import HTTP1

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

    /// The decoded value of a parameter; nil when the route has no such one.
    ///
    /// The segments of a catch-all are joined by slashes; it has no value when one of them holds a slash of its
    /// own, which could not be told from the others.
    package subscript(name: String) -> String? {
        guard let capture = captures.first(where: { $0.name == name }), let segments = PathSegments(path),
            capture.segment < segments.count
        else { return nil }
        guard capture.takesRest else { return segments[capture.segment] }
        let rest = segments[capture.segment...]
        return rest.contains { $0.contains("/") } ? nil : rest.joined(separator: "/")
    }
}
