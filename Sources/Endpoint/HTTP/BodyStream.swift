internal import HTTP1
internal import HTTPTypes

/// A body on its way from its producer to the connection whose oldest response it is. Touched on its loop only.
final class BodyStream: BodySink {
    let request: Request
    let status: HTTPResponse.Status
    let framing: ResponseFraming
    /// What the head has said of the connection.
    let keepAlive: Bool
    /// Head, chunks and what is around them.
    var sentBytes = 0
    /// Nil when nothing waits for the body any more.
    private var connection: HTTPConnection?
    /// The producer, until it may go on.
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

    /// The producer has made a piece; it waits until it may make the next one.
    func write(_ bytes: [UInt8], _ continuation: CheckedContinuation<Void, any Error>) {
        guard let connection else { return continuation.resume(throwing: CancellationError()) }
        precondition(waiting == nil, "two pieces of one body are written at a time")
        waiting = continuation
        connection.send(bytes, of: self)
    }

    /// Less is unsent than before: the producer may go on.
    func drained() {
        waiting?.resume()
        waiting = nil
    }

    /// The producer has no more to say.
    /// - Parameter error: what it threw.
    func ended(_ error: (any Error)?) {
        connection?.streamEnded(self, error)
    }

    /// What waits for the client is needed for others.
    func cut() {
        connection?.cutStream(self)
    }

    /// The connection has no more to do with it. A producer that waits is told, whatever cancels its task.
    func detach() {
        connection = nil
        waiting?.resume(throwing: CancellationError())
        waiting = nil
    }
}
