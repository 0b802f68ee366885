internal import HTTP1
internal import HTTPTypes

/// Passes a streamed body from its producer to the connection, whose oldest response it is. Touched on its loop only.
final class BodyStream: BodySink {
    let request: Request
    let status: HTTPResponse.Status
    let framing: ResponseFraming
    /// Whether the head has promised that the connection stays open.
    let keepAlive: Bool
    /// The bytes of the head and of the body so far, with its chunk framing.
    var sentBytes = 0
    /// Nil when the connection no longer needs the body.
    private var connection: HTTPConnection?
    /// Resumes the producer when it may continue; nil while it is not waiting.
    private var waiting: CheckedContinuation<Void, any Error>?

    init(
        _ request: Request, _ status: HTTPResponse.Status, framing: ResponseFraming, keepAlive: Bool,
        on connection: HTTPConnection
    ) {
        self.request = request
        self.status = status
        self.framing = framing
        self.keepAlive = keepAlive
        self.connection = connection
    }

    /// Sends a piece. The producer waits until it may make the next one.
    func write(_ bytes: [UInt8], _ continuation: CheckedContinuation<Void, any Error>) {
        guard let connection else { return continuation.resume(throwing: CancellationError()) }
        precondition(waiting == nil, "a producer writes a piece before its last write has returned")
        waiting = continuation
        connection.send(bytes, of: self)
    }

    /// The unsent output is within its limit, so the producer may continue.
    func drained() {
        waiting?.resume()
        waiting = nil
    }

    /// The producer has ended.
    /// - Parameter error: what it threw; nil when the body is complete.
    func ended(_ error: (any Error)?) {
        connection?.streamEnded(self, error)
    }

    /// Ends the connection, to free the memory of its unsent output.
    func cut() {
        connection?.cutStream(self)
    }

    /// The connection no longer needs the body. A waiting producer gets an error now, even if its task
    /// is not cancelled.
    func detach() {
        connection = nil
        waiting?.resume(throwing: CancellationError())
        waiting = nil
    }
}
