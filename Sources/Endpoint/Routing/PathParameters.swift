internal import HTTP1

/// The parts of a path that a route's pattern names. Each is decoded on access, so a handler pays only for the
/// parameters that it reads.
package struct PathParameters: Sendable {
    /// The segment that a parameter's name stands for.
    struct Capture: Sendable, Equatable {
        let name: String
        let segment: Int
        /// Whether it stands for this segment and all that follow.
        let takesRest: Bool
    }

    /// The path as it was sent. The router has already refused paths that cannot be decoded or have dot segments.
    let path: ArraySlice<UInt8>
    let captures: [Capture]

    /// The decoded value of a parameter; nil when the route has no parameter of this name.
    ///
    /// The segments of a catch-all are joined by slashes. It is nil when a decoded segment contains a slash, because
    /// that slash would look like a separator. Each access allocates the value, unless it is short.
    package subscript(name: String) -> String? {
        guard let encoded = encoded(name) else { return nil }
        return captures.contains { $0.name == name && $0.takesRest }
            ? Self.joined(encoded) : Self.text(encoded)
    }

    /// The percent-encoded value of a parameter; nil when the route has no parameter of this name. Allocates nothing.
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

    /// The index of a segment's first byte: segment n starts after slash n, counted from 0.
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
