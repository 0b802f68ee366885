internal import Compression
internal import Endpoint
internal import EventLoops
internal import HTTPTypes

/// Compresses bodies that differ from response to response. Each loop has one gzip stream, which its first use
/// makes: making a stream costs more than compressing a small body, and it holds 256 KiB.
struct GzipBodies: Sendable {
    /// Bodies below this many bytes are not compressed: with their head they fill one or two segments either
    /// way.
    static let leastBytes = 1_024

    private final class Stream {
        private var encoder: GzipEncoder?

        func encode(_ body: [UInt8]) throws(CompressionError) -> [UInt8]? {
            if encoder == nil { encoder = try GzipEncoder() }
            return try encoder?.encode(body.span)
        }
    }

    private let streams: PerLoop<Stream>

    /// - Parameter loops: the loops that serve requests. On other loops nothing is compressed.
    init(_ loops: [EventLoop]) {
        streams = PerLoop(loops) { Stream() }
    }

    /// The body's gzip form, whether or not the client accepts it; nil when the body is too small, when zlib has
    /// no memory, or off the request's loop. Takes 10 µs for 10 KB.
    func gzip(_ body: [UInt8], for request: Request) -> [UInt8]? {
        guard body.count >= Self.leastBytes, request.loop.isCurrent else { return nil }
        return try? streams[request.loop]?.encode(body)
    }

    /// The body's gzip form, made off the loops with a stream of its own: 50 µs more than on a loop.
    /// - Returns: nil when the body is too small, or zlib has no memory.
    static func gzip(_ body: [UInt8]) -> [UInt8]? {
        guard body.count >= leastBytes, var encoder = try? GzipEncoder() else { return nil }
        return try? encoder.encode(body.span)
    }

    /// The body, compressed off the loops if wanted, for responses that are built for each request. The handler
    /// must set `Vary`.
    static func coded(_ body: [UInt8], compressed: Bool) -> CodedBody {
        guard compressed, let bytes = gzip(body) else { return CodedBody(bytes: body, coding: .identity) }
        return CodedBody(bytes: bytes, coding: .gzip)
    }
}

/// A body and how it is coded.
package struct CodedBody: Sendable {
    package let bytes: [UInt8]
    package let coding: ContentCoding

    package init(bytes: [UInt8], coding: ContentCoding) {
        self.bytes = bytes
        self.coding = coding
    }

    /// A 200 with this body.
    func response(_ fields: HTTPFields) -> Response {
        Response(.ok, fields: coding.fields(fields), body: .bytes(bytes))
    }
}
