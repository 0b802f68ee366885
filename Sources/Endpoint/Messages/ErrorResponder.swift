internal import HTTP1
internal import HTTPTypes

/// Turns whatever was thrown on the way of a request into its response; the second argument is the request's id.
///
/// It sees the errors of handlers, `EndpointError` and the `RequestError` of the HTTP parser, for
/// which there is no request to look at. It runs on the connection's loop: it must not block.
package typealias ErrorResponder = @Sendable (_ error: any Error, _ requestID: String) -> Response

/// The endpoint's own error responses, in plain text, where no `ErrorResponder` is set.
package enum PlainErrorResponder {
    /// Status and one sentence; an error that is not the endpoint's or the parser's is a 500 that names nothing.
    @Sendable package static func respond(to error: any Error, requestID: String) -> Response {
        switch error {
        case let error as EndpointError: text(error.status, "\(error)")
        case let error as RequestError: text(error.status, error.detail)
        default: text(.internalServerError, "The server failed to answer.")
        }
    }

    private static func text(_ status: HTTPResponse.Status, _ detail: String) -> Response {
        Response(
            status, fields: [.contentType: "text/plain; charset=utf-8"],
            body: .bytes(Array("\(detail)\n".utf8)))
    }
}
