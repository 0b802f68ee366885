internal import Compression

/// Decompresses the messages of one direction (RFC 7692 section 7.2.2).
final class MessageInflater {
    /// The bytes that the sender has removed from the end of each message.
    private static let tail: [UInt8] = [0x00, 0x00, 0xFF, 0xFF]
    /// The most DEFLATE streams that one message may end. A sender that ends a stream now and then needs a few. The
    /// limit is against abuse: a stream takes two bytes, but costs as much work as a hundred.
    private static let streamLimit = 64
    private var inflater: Inflater
    private var endedStreams = 0
    /// Whether a DEFLATE stream is open, which the tail must bring to the end of a block.
    ///
    /// It is false in a message without a single byte, which senders that use zlib make of an empty message, and right
    /// after a block that is marked as the last (section 7.2.3.4). Strictly, both lack a zero byte.
    private var needsTail = false

    init(_ parameters: DeflateParameters) throws(WebSocketError) {
        do throws(CompressionError) {
            // A sender with an old version of zlib that has agreed to 8 bits uses 9.
            inflater = try Inflater(format: .raw, windowBits: max(parameters.windowBits, 9))
        } catch {
            throw Self.error(error)
        }
    }

    /// Decompresses the next bytes of a message and appends the result. On an error, the result up to it is appended.
    /// - Throws: 1007 if the bytes are not DEFLATE, 1009 beyond `limit` bytes, 1011 when memory runs out.
    func append(_ part: Span<UInt8>, limit: Int, into output: inout [UInt8]) throws(WebSocketError) {
        let end = output.count &+ limit
        do throws(CompressionError) {
            var used = 0
            while used < part.count {
                let rest = part.extracting(used..<part.count)
                let progress = try inflater.inflate(rest, limit: end &- output.count, into: &output)
                used &+= progress.consumed
                needsTail = !progress.isAtEnd
                // A sender may end its stream in any message and begin another (section 7.2.3.4). The history of the
                // connection continues.
                if progress.isAtEnd { try endStream() }
                // With input and room for output zlib always makes progress. If it did not, this loop would not end.
                guard progress.consumed > 0 || progress.isAtEnd else { throw .malformedData }
            }
        } catch {
            throw Self.error(error)
        }
    }

    private func endStream() throws(CompressionError) {
        endedStreams += 1
        guard endedStreams <= Self.streamLimit else { throw .malformedData }
        try inflater.resetKeepingHistory()
    }

    /// The message has ended: decompresses the tail and appends the rest of the message.
    /// - Throws: as `append`; also 1007 if the message is incomplete.
    func finish(limit: Int, into output: inout [UInt8]) throws(WebSocketError) {
        endedStreams = 0
        guard needsTail else { return }
        needsTail = false
        do throws(CompressionError) {
            let progress = try inflater.inflate(Self.tail.span, limit: limit, into: &output)
            guard !progress.isAtEnd, inflater.isAtBlockStart else { throw .malformedData }
        } catch {
            throw Self.error(error)
        }
    }

    private static func error(_ error: CompressionError) -> WebSocketError {
        switch error {
        // RFC 7692 specifies no code. 1007 is for data that does not match its message's type (RFC 6455 section 7.4.1).
        // The frames themselves are valid, so it is not 1002.
        case .malformedData, .incompleteData, .tooManyBlocks:
            WebSocketError(.invalidPayload, "The compressed data is not valid.")
        case .limitExceeded: WebSocketError(.messageTooBig, "The message is too long.")
        case .outOfMemory, .unsupportedParameters:
            WebSocketError(.internalError, "The message cannot be decompressed now.")
        }
    }
}
