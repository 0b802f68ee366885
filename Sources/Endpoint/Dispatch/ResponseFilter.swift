/// What completes the answers of every route, on the connection's loop: it must not block.
///
/// Middleware runs in the opposite order of its list, so that the first one has the last word. It sees
/// every `Response` of a routed request, error answers too. It does not see a `PreparedResponse`, which is
/// finished bytes, and not the answer to a request that the parser refused, which is no request.
package protocol Middleware: Sendable {
    /// Completes the answer.
    func after(_ response: inout Response, _ request: Request)
}
