package import HTTPTypes

/// A response whose body is made while it is sent, so that it is never in memory as a whole.
///
///     .streamed(StreamedResponse(.ok, fields: [.contentType: "text/csv"]) { writer in
///         while let page = try await pages.next() { try await writer.write(page.csv) }
///     })
///
/// A client of HTTP/1.1 gets it in chunks (RFC 9112 section 7.1), one of HTTP/1.0 up to the end of the connection.
/// The response to a HEAD needs no producer. What the producer throws ends the connection without the last chunk, and
/// for HTTP/1.0 by a reset, so that no client takes a part for the whole (RFC 9112 section 8).
package struct StreamedResponse: Sendable {
    /// Makes the body. Runs once the head is written, on no loop: it may take its time, but what it waits for needs a
    /// time limit of its own. It is cancelled when the client is gone or too slow.
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

/// Why a streamed response is not whole.
package enum StreamCut: String, Sendable {
    /// Its producer failed.
    case failed
    /// The client went, or took it too slowly; or the drain was over.
    case dropped
    /// Too much waited for clients, and its reader held most of it.
    case backlog
}
