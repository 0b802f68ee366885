/// Completes the responses of every route, such as with header fields. It runs on the connection's loop and
/// must not block.
///
/// Filters run in the reverse order of their list, so the first filter can override the others. A filter sees every
/// response to a readable request, including error responses, and the head of a streamed one. It does not see the
/// response to bytes that the parser refused, because there is no request. It sees a prepared response once, when the
/// response is encoded, see `PreparedResponse.init(_:through:)`.
package protocol ResponseFilter: Sendable {
    /// Completes the response.
    /// - Parameter request: nil when the response is prepared for later requests.
    func complete(_ response: inout Response, for request: Request?)
}

extension [any ResponseFilter] {
    func complete(_ response: inout Response, for request: Request?) {
        for filter in reversed() { filter.complete(&response, for: request) }
    }
}

extension PreparedResponse {
    /// Encodes the response after the filters have completed it.
    package convenience init(_ response: Response, through filters: [any ResponseFilter]) {
        var response = response
        filters.complete(&response, for: nil)
        self.init(response)
    }
}
