internal import HTTP1
internal import HTTPTypes

/// The routes of one pattern, one for each method.
final class MethodTable: Sendable {
    let routes: [Route]
    /// The value of Allow.
    let allowed: String

    init(_ routes: [Route] = []) {
        self.routes = routes
        allowed = Self.allowed(Set(routes.map(\.method)))
    }

    /// A table that has methods but no routes, for `OPTIONS *`.
    init(methods: Set<HTTPRequest.Method>) {
        routes = []
        allowed = Self.allowed(methods)
    }

    private static func allowed(_ methods: Set<HTTPRequest.Method>) -> String {
        var all = methods.union([.options])
        if all.contains(.get) { all.insert(.head) }
        return all.map(\.rawValue).sorted().joined(separator: ", ")
    }

    /// A copy with one more route, which replaces a route for the same method.
    func inserting(_ route: Route) -> MethodTable {
        MethodTable(routes.filter { $0.method != route.method } + [route])
    }

    func route(for method: HTTPRequest.Method) -> Route? {
        for route in routes where route.method == method { return route }
        return method == .head ? self.route(for: .get) : nil
    }
}

/// A trie over path segments, which finds the routes of a path. The nodes are in one array and refer to each other by
/// index. A look-up compares bytes in place and allocates nothing, unless the path has a percent sign, a backslash or a
/// segment that starts with a dot.
struct RouteTrie: Sendable {
    private struct Node: Sendable {
        var literals: [(segment: [UInt8], node: Int)] = []
        var parameter: Int?
        var rest: Int?
        var table: MethodTable?
    }

    private var nodes = [Node()]

    mutating func insert(_ route: Route, at pattern: RoutePattern) {
        var index = 0
        for segment in pattern.segments { index = child(of: index, segment) }
        nodes[index].table = (nodes[index].table ?? MethodTable()).inserting(route)
    }

    private mutating func child(of index: Int, _ segment: RoutePattern.Segment) -> Int {
        let new = nodes.count
        switch segment {
        case .literal(let text):
            let bytes = Array(text.utf8)
            if let known = nodes[index].literals.first(where: { $0.segment == bytes }) { return known.node }
            nodes[index].literals.append((bytes, new))
        case .parameter:
            if let known = nodes[index].parameter { return known }
            nodes[index].parameter = new
        case .rest:
            if let known = nodes[index].rest { return known }
            nodes[index].rest = new
        }
        nodes.append(Node())
        return new
    }

    /// The routes at a path; nil when there are none.
    func table(of path: Span<UInt8>) throws(EndpointError) -> MethodTable? {
        guard !path.isEmpty, path[0] == UInt8(ascii: "/") else { return nil }
        if Self.isPlain(path) { return find(path, from: 1, in: 0) }
        guard PathSegments.decoded(Self.text(path)) != nil else { throw .malformedPath }
        return find(path, from: 1, in: 0)
    }

    private func find(_ path: Span<UInt8>, from start: Int, in index: Int) -> MethodTable? {
        let end = Self.segmentEnd(path, from: start)
        let segment = path.extracting(start..<end)
        guard Self.isEncoded(segment) else { return descend(path, segment, end: end, in: index) }
        // `decode` cannot return nil here: `table(of:)` has refused paths that cannot be decoded.
        let plain = PercentDecoding.decode(Self.text(segment)) ?? ""
        return descend(path, Array(plain.utf8).span, end: end, in: index)
    }

    /// Tries the literal child, then the parameter, then the catch-all. The longest pattern bounds the recursion's
    /// depth, so a long path cannot exhaust the stack.
    private func descend(
        _ path: Span<UInt8>, _ segment: Span<UInt8>, end: Int, in index: Int
    ) -> MethodTable? {
        if let literal = literal(segment, in: index), let table = arrive(path, end: end, in: literal) {
            return table
        }
        guard !segment.isEmpty else { return nil }
        if let parameter = nodes[index].parameter, let table = arrive(path, end: end, in: parameter) {
            return table
        }
        return nodes[index].rest.flatMap { nodes[$0].table }
    }

    private func arrive(_ path: Span<UInt8>, end: Int, in index: Int) -> MethodTable? {
        end == path.count ? nodes[index].table : find(path, from: end + 1, in: index)
    }

    private func literal(_ segment: Span<UInt8>, in index: Int) -> Int? {
        for (bytes, node) in nodes[index].literals where Self.isEqual(bytes.span, segment) { return node }
        return nil
    }

    private static func isEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        for index in left.indices where left[index] != right[index] { return false }
        return true
    }

    private static func segmentEnd(_ path: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < path.count, path[index] != UInt8(ascii: "/") { index += 1 }
        return index
    }

    /// Whether the path surely has no escapes, no dot segments and no backslash.
    private static func isPlain(_ path: Span<UInt8>) -> Bool {
        var previous: UInt8 = 0
        for index in path.indices {
            let byte = path[index]
            if byte == UInt8(ascii: "%") || byte == UInt8(ascii: "\\") { return false }
            if byte == UInt8(ascii: "."), previous == UInt8(ascii: "/") { return false }
            previous = byte
        }
        return true
    }

    private static func text(_ bytes: Span<UInt8>) -> String {
        String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
    }

    private static func isEncoded(_ segment: Span<UInt8>) -> Bool {
        for index in segment.indices where segment[index] == UInt8(ascii: "%") { return true }
        return false
    }
}
