internal import Compression

/// Restores the compressed messages of one direction (RFC 7692 section 7.2.2).
final class MessageInflater {
    /// What the sender took from the end of each message.
    private static let tail: [UInt8] = [0x00, 0x00, 0xFF, 0xFF]
    /// Streams that one message may end. A sender that ends one now and then needs a few; each costs the work of a
    /// hundred bytes, and takes two.
    private static let streamLimit = 64
    private var inflater: Inflater
    private var endedStreams = 0
    /// Whether a DEFLATE stream is under way that the tail has to bring to a block's end.
    ///
    /// It is not in a message without a single byte, which zlib's senders make of an empty one, nor right after a
    /// block that says it is the last (section 7.2.3.4); strictly both lack a zero byte.
    private var needsTail = false

    init(_ parameters: DeflateParameters) throws(WebSocketError) {
        do throws(CompressionError) {
            // A sender with old versions of zlib that agreed to 8 bits uses 9.
            inflater = try Inflater(format: .raw, windowBits: max(parameters.windowBits, 9))
        } catch {
            throw Self.error(error)
        }
    }

    /// Appends what the next bytes of a message mean; on an error also what came before it.
    /// - Throws: 1007 for what is not DEFLATE, 1009 beyond `limit` bytes, 1011 without memory.
    func append(_ part: Span<UInt8>, limit: Int, into output: inout [UInt8]) throws(WebSocketError) {
        let end = output.count &+ limit
        do throws(CompressionError) {
            var used = 0
            while used < part.count {
                let rest = part.extracting(used..<part.count)
                let progress = try inflater.inflate(rest, limit: end &- output.count, into: &output)
                used &+= progress.consumed
                needsTail = !progress.isAtEnd
                // A sender may end its stream with any message and begin another (section 7.2.3.4). The history
                // of the connection goes on.
                if progress.isAtEnd { try endStream() }
                // zlib always gets on with room and input; otherwise this would not end.
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

    /// The message has ended: appends what was held back.
    /// - Throws: as `append`; 1007 also for a message that breaks off.
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
        // RFC 7692 names no code. 1007 is for data that is not what its message says it is (RFC 6455
        // section 7.4.1); the frames themselves are in order, so it is not 1002.
        case .malformedData, .incompleteData, .tooManyBlocks:
            WebSocketError(.invalidPayload, "The compressed data is not valid.")
        case .limitExceeded: WebSocketError(.messageTooBig, "The message is too long.")
        case .outOfMemory, .unsupportedParameters:
            WebSocketError(.internalError, "The message cannot be decompressed now.")
        }
    }
}
