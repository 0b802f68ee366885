internal import EventLoops

/// Receives the pieces of a streamed body. Touched on its loop only.
protocol BodySink: AnyObject {
    /// Sends a piece, and resumes the continuation when the producer may make the next one.
    func write(_ bytes: [UInt8], _ continuation: CheckedContinuation<Void, any Error>)
    /// Ends the connection before the body is complete.
    func cut()
}

/// The producer of a streamed body writes the body to this, piece by piece. It must not start a call before the last
/// one has returned.
package struct BodyWriter: Sendable {
    private let sink: LoopBound<any BodySink>

    init(_ sink: LoopBound<any BodySink>) {
        self.sink = sink
    }

    /// Sends a piece as one chunk. Returns when the unsent output is small enough for the next piece, so a client that
    /// reads slowly slows the producer down. At most `maxPendingOutputBytes` and one piece are buffered for a client.
    /// - Throws: `CancellationError` when the connection no longer needs the body.
    package func write(_ bytes: [UInt8]) async throws {
        guard !bytes.isEmpty else { return }
        try Task.checkCancellation()
        try await withCheckedThrowingContinuation { continuation in
            sink.loop.execute { sink.value.write(bytes, continuation) }
        }
    }

    /// Ends the connection before the body is complete, and so frees what is buffered for its client. `write` throws
    /// from now on. It may be called from any thread.
    package func cut() {
        sink.loop.execute { sink.value.cut() }
    }
}
