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

    /// As sent. The router has refused a path that cannot be decoded or has dot segments.
    let path: ArraySlice<UInt8>
    let captures: [Capture]

    /// The decoded value of a parameter; nil when the route has no such one.
    ///
    /// The segments of a catch-all are joined by slashes; it has no value when one of them holds a slash of its
    /// own, which could not be told from the others. Allocates the value, unless that is short.
    package subscript(name: String) -> String? {
        guard let encoded = encoded(name) else { return nil }
        return captures.contains { $0.name == name && $0.takesRest }
            ? Self.joined(encoded) : Self.text(encoded)
    }

    /// A parameter as it was sent, percent-encoded; nil when the route has no such one. Allocates nothing.
    private func encoded(_ name: String) -> ArraySlice<UInt8>? {
        for capture in captures where capture.name == name {
            guard let start = start(of: capture.segment) else { return nil }
            return capture.takesRest ? path[start...] : path[start..<end(from: start)]
        }
        return nil
    }

    private func end(from start: Int) -> Int {
        var index = start
        while index < path.endIndex, path[index] != Self.slash { index += 1 }
        return index
    }

    /// Where a segment starts: behind as many slashes, and the first one.
    private func start(of segment: Int) -> Int? {
        var slashes = 0
        for index in path.indices where path[index] == Self.slash {
            if slashes == segment { return index + 1 }
            slashes += 1
        }
        return nil
    }

    private static func joined(_ segments: ArraySlice<UInt8>) -> String? {
        guard segments.contains(UInt8(ascii: "%")) else { return String(decoding: segments, as: UTF8.self) }
        var texts: [String] = []
        for segment in segments.split(separator: slash, omittingEmptySubsequences: false) {
            guard let text = text(segment), !text.contains("/") else { return nil }
            texts.append(text)
        }
        return texts.joined(separator: "/")
    }

    private static func text(_ segment: ArraySlice<UInt8>) -> String? {
        let text = String(decoding: segment, as: UTF8.self)
        return segment.contains(UInt8(ascii: "%")) ? PercentDecoding.decode(text) : text
    }

    private static let slash = UInt8(ascii: "/")
}
