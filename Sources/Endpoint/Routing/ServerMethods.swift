internal import HTTPTypes

/// The methods that the server implements on any path. They decide between 405 and 501.
struct ServerMethods: Sendable {
    /// The standard methods (RFC 9110 section 9.3, RFC 5789): a path without a route for one of them gets 405.
    /// CONNECT is missing, because the server is no proxy.
    private static let common: Set<HTTPRequest.Method> = [
        .get, .head, .post, .put, .delete, .options, .trace, .patch,
    ]

    private var methods: Set<HTTPRequest.Method> = []
    /// The table for `OPTIONS *`: it has no routes, and the methods of all routes.
    private(set) var table = MethodTable()

    /// Adds a route's method.
    mutating func insert(_ method: HTTPRequest.Method) {
        methods.insert(method)
        table = MethodTable(methods: methods)
    }

    /// Whether the server implements the method. If not, the status is 501 (RFC 9110 section 9.1).
    func knows(_ method: HTTPRequest.Method) -> Bool {
        Self.common.contains(method) || methods.contains(method)
    }
}
