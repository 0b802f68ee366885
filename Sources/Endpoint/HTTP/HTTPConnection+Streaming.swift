internal import EventLoops
internal import HTTP1
internal import HTTPTypes
internal import Sockets

/// Responses whose body is produced while it is sent. Such a response keeps its slot in the queue until its end. So
/// later responses wait, and the rest of the connection needs no code for streams.
extension HTTPConnection {
    /// Writes the head of the oldest response and starts the producer of its body.
    func begin(_ streamed: StreamedResponse, for request: Request) {
        let isChunked = request.head.version == .http11
        let keepAlive = isChunked && request.keepAlive && !streamed.head.saysClose
        let stream = BodyStream(
            request, streamed.head.status, framing: isChunked ? .chunked : .untilClose,
            keepAlive: state.streamBegan(keepAlive: keepAlive), on: self)
        append(to: stream) { [writer] in
            writer.appendHead(
                of: streamed.head, framing: stream.framing, to: request, keepAlive: stream.keepAlive,
                into: &$0)
        }
        guard !request.head.isHead else { return finish(stream, keepAlive: stream.keepAlive, cut: nil) }
        self.stream = stream
        let bound = LoopBound(stream, on: loop)
        responses.hold(request, loop.task { await Self.produce(streamed, into: bound) })
        outputChanged()
    }

    private static func produce(_ streamed: StreamedResponse, into stream: LoopBound<BodyStream>) async {
        var failure: (any Error)?
        do {
            let sink = LoopBound<any BodySink>(stream.value, on: stream.loop)
            // The producer runs off the loop: a page of a body may take a millisecond to make.
            try await withTaskExecutorPreference(globalConcurrentExecutor) {
                try await streamed.produce(BodyWriter(sink))
            }
        } catch {
            failure = error
        }
        stream.loop.execute { [failure] in stream.value.ended(failure) }
    }

    /// Sends a piece of the body. Its producer continues at once, or when the client has read enough.
    func send(_ bytes: [UInt8], of stream: BodyStream) {
        perform {
            append(to: stream) { output in
                switch stream.framing {
                case .chunked: ResponseEncoder.encodeChunk(bytes.span, into: &output)
                case .untilClose, .length, .none: output.append(contentsOf: bytes)
                }
            }
        }
        streamMayGoOn()
    }

    /// Lets the producer continue if the unsent output is within its limit.
    func streamMayGoOn() {
        guard let stream, state.mayWrite else { return }
        stream.drained()
    }

    /// The producer has ended. If it threw, the connection ends without the end of the body, so that the client sees
    /// that the body is incomplete.
    func streamEnded(_ stream: BodyStream, _ error: (any Error)?) {
        guard self.stream === stream else { return }
        self.stream = nil
        stream.detach()
        if error != nil, stream.framing != .chunked {
            finished(stream, cut: .failed, error: error)
            return reset()
        }
        perform {
            if error == nil, stream.framing == .chunked {
                append(to: stream) { ResponseEncoder.encodeLastChunk(into: &$0) }
            }
            responses.releaseFirst()
            finish(
                stream, keepAlive: error == nil && stream.keepAlive, cut: error == nil ? nil : .failed,
                error: error)
        }
    }

    /// Ends the connection before the body's end, by a reset, which also frees the output that the kernel holds.
    func cutStream(_ stream: BodyStream) {
        guard self.stream === stream else { return }
        dropStream(.backlog)
        reset()
    }

    /// Detaches the stream, because the connection ends before the body does.
    func dropStream(_ cut: StreamCut = .dropped) {
        guard let stream else { return }
        self.stream = nil
        stream.detach()
        finished(stream, cut: cut)
    }

    private func append(to stream: BodyStream, _ body: (inout [UInt8]) -> Void) {
        let start = output.count
        output.append(body)
        stream.sentBytes += output.count - start
    }

    private func finish(
        _ stream: BodyStream, keepAlive: Bool, cut: StreamCut?, error: (any Error)? = nil
    ) {
        if !state.responded(keepAlive: keepAlive, now: peerNow) { responses.removeAll() }
        outputChanged()
        finished(stream, cut: cut, error: error)
    }

    private func finished(_ stream: BodyStream, cut: StreamCut?, error: (any Error)? = nil) {
        dispatcher.finished(
            stream.request, stream.status, sentBytes: stream.sentBytes, cut: cut, error: error)
    }
}
