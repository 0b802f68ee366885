internal import Compression
internal import Endpoint
internal import EventLoops
internal import HTTPTypes

/// What requests hold once their `Content-Encoding` is undone (RFC 9110 section 8.4), with one stream per loop that
/// its first use makes.
struct RequestBodies: Sendable {
    /// The most that a body may hold, as sent and inflated, in bytes.
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

    /// - Parameter loops: those that serve requests. On others each body has a stream of its own.
    init(_ loops: [EventLoop]) {
        streams = PerLoop(loops) { Stream() }
    }

    /// The request's content, inflated when it says that it is compressed.
    /// - Parameter limit: the most bytes that may come out here, `RequestBodies.limit` or less.
    /// - Throws: 415 for a coding other than gzip, or several; 400 for what is not gzip; 413 beyond
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
        case .malformedData: .malformedGzip("it is damaged, or something else")
        case .incompleteData: .malformedGzip("it ends too early")
        case .tooManyBlocks: .malformedGzip("it is cut into too many blocks")
        case .limitExceeded: .contentTooLarge(limit: limit)
        case .outOfMemory, .unsupportedParameters:
            .unavailable("The body cannot be inflated at present.", retryAfter: 1)
        }
    }
}

/// More comes out of a body than is read on an event loop.
struct LargeContent: Error {}
