package import HTTPTypes

/// A response whose body is produced while it is sent, so that the whole body is never in memory.
///
///     .streamed(StreamedResponse(.ok, fields: [.contentType: "text/csv"]) { writer in
///         while let page = try await pages.next() { try await writer.write(page.csv) }
///     })
///
/// An HTTP/1.1 client gets the body in chunks (RFC 9112 section 7.1). For an HTTP/1.0 client the end of the connection
/// ends the body. The producer does not run for a HEAD request. If the producer throws, the connection ends without the
/// last chunk, and for HTTP/1.0 with a reset, so that no client takes a part for the whole (RFC 9112 section 8).
package struct StreamedResponse: Sendable {
    /// Produces the body. It starts after the head is written and runs on no loop, so it may block for a moment. Each
    /// of its waits needs a time limit of its own. It is cancelled when the client is gone or too slow.
    package typealias Producer = @Sendable (BodyWriter) async throws -> Void

    /// Status and fields.
    var head: Response
    let produce: Producer

    package init(
        _ status: HTTPResponse.Status, fields: HTTPFields = [:], produce: @escaping Producer
    ) {
        head = Response(status, fields: fields)
        self.produce = produce
    }
}

/// Why a streamed response is incomplete.
package enum StreamCut: String, Sendable {
    /// The producer threw an error.
    case failed
    /// The client disconnected or read too slowly, or a drain reached its time limit.
    case dropped
    /// Cut to free memory: the server buffered too much output for its clients, and this client held most of it.
    case backlog
}
