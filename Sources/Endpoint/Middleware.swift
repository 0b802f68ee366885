/// What runs around the handler of every route, on the connection's loop: it must not block.
///
/// Middleware runs in the order of its list before the handler and in the opposite order after it. `after` sees
/// every `Response` of a routed request, error answers too. It does not see a `PreparedResponse`, which is
/// finished bytes, and not the answer to a request that the parser refused, which is no request.
package protocol Middleware: Sendable {
    /// Looks at the request before its handler; an answer returned here ends the matter.
    func before(_ request: Request) throws -> Response?
    /// Completes the answer.
    func after(_ response: inout Response, _ request: Request)
}

extension Middleware {
    /// Lets the request pass.
    package func before(_ request: Request) throws -> Response? { nil }
    /// Leaves the answer as it is.
    package func after(_ response: inout Response, _ request: Request) {}
}
