internal import Compression
internal import Endpoint
internal import EventLoops
internal import HTTPTypes

/// The content of requests once their `Content-Encoding` is undone (RFC 9110 section 8.4). Each loop has one
/// gzip stream, which its first use makes.
struct RequestBodies: Sendable {
    /// The largest body, as sent and inflated, in bytes.
    static let limit = 1_048_576

    private final class Stream {
        private var decoder: GzipDecoder?

        func decode(_ body: [UInt8], limit: Int) throws(CompressionError) -> [UInt8] {
            if decoder == nil { decoder = try GzipDecoder() }
            guard let content = try decoder?.decode(body.span, limit: limit) else {
                throw .outOfMemory
            }
            return content
        }
    }

    private let streams: PerLoop<Stream>

    /// - Parameter loops: the loops that serve requests. Off these loops each body gets a stream of its own.
    init(_ loops: [EventLoop]) {
        streams = PerLoop(loops) { Stream() }
    }

    /// The request's content, inflated if the request says that it is compressed.
    /// - Parameter limit: the most bytes that may come out here, `RequestBodies.limit` or less.
    /// - Throws: 415 for several codings or one other than gzip; 400 for a body that is not gzip; 413 beyond
    ///   `RequestBodies.limit`, `LargeContent` beyond a smaller limit.
    func content(of request: Request, limit: Int) throws -> [UInt8] {
        switch try coding(of: request) {
        case .identity: return request.body
        case .gzip:
            do throws(CompressionError) {
                return try stream(for: request).decode(request.body, limit: limit)
            } catch {
                if error == .limitExceeded, limit < Self.limit { throw LargeContent() }
                throw Self.problem(of: error)
            }
        }
    }

    private func stream(for request: Request) -> Stream {
        guard request.loop.isCurrent, let stream = streams[request.loop] else { return Stream() }
        return stream
    }

    /// `x-gzip` is another name for gzip (RFC 9110 section 8.4.1.3).
    private func coding(of request: Request) throws(Problem) -> ContentCoding {
        guard let field = request.head[.contentEncoding] else { return .identity }
        switch field.lowercased() {
        case "gzip", "x-gzip": return .gzip
        case "identity": return .identity
        default: throw .unsupportedEncoding
        }
    }

    private static func problem(of error: CompressionError) -> Problem {
        switch error {
        case .malformedData: .malformedGzip("its data is damaged")
        case .incompleteData: .malformedGzip("it ends too early")
        case .tooManyBlocks: .malformedGzip("it is split into too many blocks")
        case .limitExceeded: .contentTooLarge(limit: limit)
        case .outOfMemory, .unsupportedParameters:
            .unavailable("The body cannot be decompressed at present. Retry shortly.", retryAfter: 1)
        }
    }
}

/// The inflated body is larger than an event loop may read.
struct LargeContent: Error {}
