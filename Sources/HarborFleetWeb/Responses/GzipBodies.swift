internal import Compression
internal import Endpoint
internal import EventLoops
internal import HTTPTypes

/// Compresses bodies that differ from answer to answer, with one stream per loop that its first use makes: to make
/// one costs more than to compress a small body, and it keeps 256 KiB.
struct GzipBodies: Sendable {
    /// Below this many bytes gzip is not worth it: with their head they fill one or two segments either way.
    static let leastBytes = 1_024

    private final class Stream {
        private var encoder: GzipEncoder?

        func encode(_ body: [UInt8]) throws(CompressionError) -> [UInt8]? {
            if encoder == nil { encoder = try GzipEncoder() }
            return try encoder?.encode(body.span)
        }
    }

    private let streams: PerLoop<Stream>

    /// - Parameter loops: those that serve requests. On others nothing is compressed.
    init(_ loops: [EventLoop]) {
        streams = PerLoop(loops) { Stream() }
    }

    /// The body's gzip form, whether or not the client takes it; nil when it is too small to be worth it, when
    /// zlib has no memory, or off the request's loop. 10 µs for 10 KB.
    func gzip(_ body: [UInt8], for request: Request) -> [UInt8]? {
        guard body.count >= Self.leastBytes, request.loop.isCurrent else { return nil }
        return try? streams[request.loop]?.encode(body)
    }

    /// The response, compressed when the client takes that, for answers that are made anew each time. The handler
    /// says what they vary by.
    func coded(_ response: Response, for request: Request) -> Response {
        guard case .bytes(let body) = response.body, body.count >= Self.leastBytes, request.takesGzip,
            let bytes = gzip(body, for: request)
        else { return response }
        let fields = ContentCoding.gzip.fields(response.fields)
        return Response(response.status, fields: fields, body: .bytes(bytes))
    }
}
