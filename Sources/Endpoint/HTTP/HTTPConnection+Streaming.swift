internal import EventLoops
internal import HTTP1
internal import HTTPTypes
internal import Sockets

/// Answers that are made while they are sent. Such an answer keeps its place in the queue until its end, so that those
/// behind it wait, and nobody else has to know of it.
extension HTTPConnection {
    /// Writes the head of the oldest answer, and has its body made.
    func begin(_ exchange: Exchange, _ streamed: StreamedResponse) {
        let isChunked = exchange.version == .http11
        let stream = BodyStream(
            exchange, streamed.head.status, framing: isChunked ? .chunked : .untilClose,
            keepAlive: state.streamBegan(
                keepAlive: isChunked && exchange.keepAlive && !streamed.head.saysClose),
            on: self)
        home.startLines(exchange.requestID)
        append(to: stream) { [home] in
            home.lines.append(
                headOf: streamed.head, framing: stream.framing, version: exchange.version,
                keepAlive: stream.keepAlive, to: &$0)
        }
        guard !exchange.isHead else { return finish(stream, keepAlive: stream.keepAlive, cut: nil) }
        self.stream = stream
        let bound = LoopBound(stream, on: home.loop)
        answers.hold(exchange, home.loop.task { await Self.produce(streamed, into: bound) })
        outputChanged()
    }

    private static func produce(_ streamed: StreamedResponse, into stream: LoopBound<BodyStream>) async {
        var failure: (any Error)?
        do {
            // A page of a body may take a millisecond to make: the loop has others to serve.
            try await withTaskExecutorPreference(globalConcurrentExecutor) {
                try await streamed.produce(BodyWriter(stream))
            }
        } catch {
            failure = error
        }
        stream.loop.execute { [failure] in stream.value.ended(failure) }
    }

    /// Sends a piece of the body; its producer goes on at once, or when the client has taken enough.
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

    /// Lets the producer go on when little enough is unsent.
    func streamMayGoOn() {
        guard let stream, state.mayWrite else { return }
        stream.drained()
    }

    /// The producer has no more to say. What it threw is the client's loss: it sees a body without an end.
    func streamEnded(_ stream: BodyStream, _ error: (any Error)?) {
        guard self.stream === stream else { return }
        self.stream = nil
        stream.detach()
        if let error { return streamFailed(stream, error) }
        perform {
            if stream.framing == .chunked {
                append(to: stream) { ResponseEncoder.encodeLastChunk(into: &$0) }
            }
            answers.releaseFirst()
            finish(stream, keepAlive: stream.keepAlive, cut: nil)
        }
    }

    private func streamFailed(_ stream: BodyStream, _ error: any Error) {
        home.observer.answerFailed(error, requestID: stream.exchange.requestID.text)
        guard stream.framing == .chunked else {
            home.finished(stream.exchange, stream.status, sentBytes: stream.sentBytes, cut: .failed)
            return reset()
        }
        perform {
            answers.releaseFirst()
            finish(stream, keepAlive: false, cut: .failed)
        }
    }

    /// Ends the connection before the body's end. A reset frees what the kernel holds of it, too.
    func cutStream(_ stream: BodyStream) {
        guard self.stream === stream else { return }
        dropStream(.backlog)
        reset()
    }

    /// The connection is gone before the body's end.
    func dropStream(_ cut: StreamCut = .dropped) {
        guard let stream else { return }
        self.stream = nil
        stream.detach()
        home.finished(stream.exchange, stream.status, sentBytes: stream.sentBytes, cut: cut)
    }

    private func append(to stream: BodyStream, _ body: (inout [UInt8]) -> Void) {
        let start = output.count
        output.append(body)
        stream.sentBytes += output.count - start
    }

    private func finish(_ stream: BodyStream, keepAlive: Bool, cut: StreamCut?) {
        if !state.answered(keepAlive: keepAlive, now: peerNow) { answers.removeAll() }
        outputChanged()
        home.finished(stream.exchange, stream.status, sentBytes: stream.sentBytes, cut: cut)
    }
}
