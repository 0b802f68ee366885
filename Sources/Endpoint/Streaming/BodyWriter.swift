internal import EventLoops

/// Takes the pieces of a streamed body. Touched on its loop only.
protocol BodySink: AnyObject {
    /// Takes a piece, and resumes the continuation when the next one may be made.
    func write(_ bytes: [UInt8], _ continuation: CheckedContinuation<Void, any Error>)
    /// Ends the connection although the body is not whole.
    func cut()
}

/// Where the producer of a streamed body puts it, piece by piece. One call at a time.
package struct BodyWriter: Sendable {
    private let sink: LoopBound<any BodySink>

    init(_ sink: LoopBound<any BodySink>) {
        self.sink = sink
    }

    /// Sends a piece, as one chunk, and returns when so little of the body is unsent that more may be made: a client
    /// that reads slowly holds up the producer, and no more than `maxPendingOutputBytes` and one piece wait for it.
    /// - Throws: `CancellationError` when nothing waits for the body any more.
    package func write(_ bytes: [UInt8]) async throws {
        guard !bytes.isEmpty else { return }
        try Task.checkCancellation()
        try await withCheckedThrowingContinuation { continuation in
            sink.loop.execute { sink.value.write(bytes, continuation) }
        }
    }

    /// Ends the connection although the body is not whole, so that what waits for its client is freed. `write` throws
    /// from now on. Callable from any thread.
    package func cut() {
        sink.loop.execute { sink.value.cut() }
    }
}
