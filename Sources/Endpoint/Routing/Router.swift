internal import HTTP1
package import HTTPTypes

/// Finds the route of a request by its path and method.
///
///     var router = Router()
///     router.get("/api/v1/fleets/:fleet_id/status") { request in
///         .now(Response(.ok, body: .bytes(Array("...".utf8))))
///     }
///
/// A literal segment is preferred to a parameter, and a parameter to a catch-all (`*path`, only as the last segment).
/// Unless a path has its own routes for them, GET's handler replies to HEAD, without the body, and the endpoint replies
/// to OPTIONS with Allow.
package struct Router: Sendable {
    private var trie = RouteTrie()
    private var server = ServerMethods()
    private var count = 0

    package init() {}

    /// Adds a route. It replaces an earlier route for the same method and pattern.
    /// - Parameter pattern: starts with `/`. A segment `:name` is a parameter. A last segment `*name` matches the rest.
    package mutating func add(
        _ method: HTTPRequest.Method, _ pattern: String, options: RouteOptions = RouteOptions(),
        _ handler: @escaping Handler
    ) {
        precondition(pattern.hasPrefix("/"), "a pattern starts with a slash: \(pattern)")
        let pattern = RoutePattern(pattern)
        let route = Route(count, method: method, pattern: pattern, options: options, handler: handler)
        trie.insert(route, at: pattern)
        count += 1
        server.insert(method)
    }

    /// Adds a route for GET, which also handles HEAD.
    package mutating func get(
        _ pattern: String, options: RouteOptions = RouteOptions(), _ handler: @escaping Handler
    ) {
        add(.get, pattern, options: options, handler)
    }

    /// Adds a route for POST.
    package mutating func post(
        _ pattern: String, options: RouteOptions = RouteOptions(), _ handler: @escaping Handler
    ) {
        add(.post, pattern, options: options, handler)
    }

    /// Adds a route for DELETE.
    package mutating func delete(
        _ pattern: String, options: RouteOptions = RouteOptions(), _ handler: @escaping Handler
    ) {
        add(.delete, pattern, options: options, handler)
    }

    /// Decides from the head alone how to reply to a request, before its body is read.
    func decision(on head: RequestHead) -> RouteDecision {
        let path = head.pathBytes
        let decision = match(head.method, path: path.span)
        guard case .route(let route) = decision else { return decision }
        guard head.bodyFraming != .none else {
            return route.takesBody ? .refused(.lengthRequired, route) : decision
        }
        guard !route.accepts(contentType: head[.contentType]) else { return decision }
        return .refused(.unsupportedMediaType(accepted: route.options.contentTypes), route)
    }

    /// Decides from a method and a path how to reply to a request.
    func match(_ method: HTTPRequest.Method, path: Span<UInt8>) -> RouteDecision {
        // RFC 9110 section 9.3.7: `OPTIONS *` asks about the server as a whole.
        if method == .options, path.count == 1, path[0] == UInt8(ascii: "*") {
            return .options(server.table)
        }
        let table: MethodTable
        do throws(EndpointError) {
            guard let found = try trie.table(of: path) else {
                return .refused(server.knows(method) ? .notFound : .methodNotImplemented, nil)
            }
            table = found
        } catch {
            return .refused(error, nil)
        }
        if let route = table.route(for: method) { return .route(route) }
        guard server.knows(method) else { return .refused(.methodNotImplemented, table.routes.first) }
        return method == .options
            ? .options(table) : .refused(.methodNotAllowed(allowed: table.allowed), table.routes.first)
    }
}
