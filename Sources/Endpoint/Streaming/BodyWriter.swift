internal import EventLoops

/// Where the producer of a streamed body puts it, piece by piece. One call at a time.
package struct BodyWriter: Sendable {
    private let stream: LoopBound<BodyStream>

    init(_ stream: LoopBound<BodyStream>) {
        self.stream = stream
    }

    /// Sends a piece, as one chunk, and returns when so little of the body is unsent that more may be made: a client
    /// that reads slowly holds up who makes the body, and no more than `maxPendingOutputBytes` and one piece wait for
    /// it.
    /// - Throws: `CancellationError` when nobody waits for the body any more.
    package func write(_ bytes: [UInt8]) async throws {
        guard !bytes.isEmpty else { return }
        try Task.checkCancellation()
        try await withCheckedThrowingContinuation { continuation in
            stream.loop.execute { stream.value.write(bytes, continuation) }
        }
    }

    /// Ends the connection although the body is not whole, so that what waits for its client is freed. `write` throws
    /// from now on. Callable from any thread.
    package func cut() {
        stream.loop.execute { stream.value.cut() }
    }
}
