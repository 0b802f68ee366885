/// Completes the responses of every route, on the connection's loop: it must not block.
///
/// Filters run in the opposite order of their list, so that the first one has the last word. A filter sees every response
/// to a routed request, error responses too, and the head of a streamed one. It does not see the response to bytes
/// that the parser refused, since they are no request. What is prepared to be sent often it sees once, see
/// `PreparedResponse.init(_:through:)`.
package protocol ResponseFilter: Sendable {
    /// Completes the response.
    /// - Parameter request: nil when the response is prepared for requests to come.
    func complete(_ response: inout Response, for request: Request?)
}

extension [any ResponseFilter] {
    func complete(_ response: inout Response, for request: Request?) {
        for filter in reversed() { filter.complete(&response, for: request) }
    }
}

extension PreparedResponse {
    /// Encodes the response as the filters complete it.
    package convenience init(_ response: Response, through filters: [any ResponseFilter]) {
        var response = response
        filters.complete(&response, for: nil)
        self.init(response)
    }
}
