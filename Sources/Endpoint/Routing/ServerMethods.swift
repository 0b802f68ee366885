internal import HTTPTypes

/// The methods of a server as a whole.
struct ServerMethods: Sendable {
    /// Methods that everybody knows (RFC 9110 section 9.3, RFC 5789): a path that has none of them says 405. CONNECT
    /// is missing, as nothing here is a proxy.
    private static let common: Set<HTTPRequest.Method> = [
        .get, .head, .post, .put, .delete, .options, .trace, .patch,
    ]

    private var methods: Set<HTTPRequest.Method> = []
    /// What `OPTIONS *` leads to: no route, and the methods of all of them.
    private(set) var table = MethodTable()

    /// Adds a route's method.
    mutating func insert(_ method: HTTPRequest.Method) {
        methods.insert(method)
        table = MethodTable(methods: methods)
    }

    /// Whether the method is more than a token (RFC 9110 section 9.1: else 501).
    func knows(_ method: HTTPRequest.Method) -> Bool {
        Self.common.contains(method) || methods.contains(method)
    }
}
