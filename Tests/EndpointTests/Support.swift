import Endpoint
import EventLoops
import HTTPTypes
import HarborFleetTesting
import Sockets
import Synchronization
import Testing
import WebSockets

/// Runs `body` with a server on loopback, and stops the server afterwards.
/// - Parameter clock: the time of the only loop, which the test moves; nil for real time.
func withServer(
    _ configuration: EndpointConfiguration = EndpointConfiguration(), loops: Int = 1,
    clock: ManualTimePoller? = nil, filters: [any ResponseFilter] = [],
    observer: any EndpointObserver = SilentObserver(),
    errorResponder: @escaping ErrorResponder = PlainErrorResponder.respond, routes: (inout Router) -> Void,
    _ body: (UInt16, EndpointServer) async throws -> Void
) async throws {
    await TestSlots.servers.acquire()
    defer { TestSlots.servers.release() }
    let group =
        if let clock {
            EventLoopGroup([try EventLoop(label: "test.endpoint", poller: clock)])
        } else {
            try EventLoopGroup(count: loops, label: "test.endpoint")
        }
    group.start()
    var router = Router()
    routes(&router)
    let server = EndpointServer(
        configuration, on: group, router: router, filters: filters, observer: observer,
        errorResponder: errorResponder)
    do {
        try await server.start()
        try await body(try #require(server.port), server)
    } catch {
        await end(server, clock)
        await group.stop()
        throw error
    }
    await end(server, clock)
    await group.stop()
}

private func end(_ server: EndpointServer, _ clock: ManualTimePoller?) async {
    await withTaskGroup(of: Bool.self) { tasks in
        tasks.addTask {
            await server.drain(within: .zero)
            return true
        }
        // The drain needs time to pass, and it begins at some moment from now on.
        while let clock {
            tasks.addTask {
                await clock.advance(by: .milliseconds(10))
                return false
            }
            if await tasks.next() == true { break }
        }
    }
}

func text(_ text: String, _ status: HTTPResponse.Status = .ok) -> Response {
    Response(status, fields: [.contentType: "text/plain"], body: .bytes(Array(text.utf8)))
}

/// A request without a body. `fields` are whole lines.
func get(_ path: String, _ fields: String = "") -> String {
    "GET \(path) HTTP/1.1\r\nHost: h\r\n\(fields)\r\n"
}

/// A request with a body.
func post(_ path: String, _ body: String) -> String {
    "POST \(path) HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
}

/// A handler that responds with a text.
func says(_ content: String) -> Handler { { _ in .now(text(content)) } }

/// A handler that responds with a text once the gate is open.
func says(_ content: String, behind gate: Gate) -> Handler {
    { _ in
        .later {
            await gate.pass()
            return text(content)
        }
    }
}

/// Responds with `a` at `/a`.
func serveA(_ router: inout Router) { router.get("/a", says("a")) }

/// Returns messages at `/echo`.
func serveEcho(_ router: inout Router) { router.get("/echo", echo()) }

/// A gate that a test opens once.
final class Gate: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    /// Returns once the gate is open, or when the task is cancelled.
    func pass() async {
        for await _ in stream { return }
    }

    func open() {
        continuation.yield()
        continuation.finish()
    }
}

/// Records the events of a server, and lets a test wait for some of them.
final class RecordingObserver: EndpointObserver {
    struct Record: Sendable {
        var finished: [String] = []
        var failures: [String] = []
        var cuts: [StreamCut] = []
        var refusals: [Refusal] = []
        var bodyEnds: [BodyEnd] = []
        var opened = 0
        var closed = 0
    }

    private let record = Mutex(Record())
    private let bodyEnds = EventRecorder<BodyEnd>()
    private let webSocketCloses: AsyncStream<CloseCode?>
    private let connectionCloses: AsyncStream<Void>
    private let connectionContinuation: AsyncStream<Void>.Continuation
    private let closeContinuation: AsyncStream<CloseCode?>.Continuation

    init() {
        (webSocketCloses, closeContinuation) = AsyncStream.makeStream()
        (connectionCloses, connectionContinuation) = AsyncStream.makeStream()
    }

    var seen: Record { record.withLock { $0 } }

    /// The close code of the next WebSocket that ends.
    func nextWebSocketClose() async -> CloseCode?? {
        for await code in webSocketCloses { return code }
        return nil
    }

    /// Returns once `count` bodies have ended before their time.
    func waitForBodyEnds(_ count: Int) async { await bodyEnds.wait { $0.count >= count } }

    /// Returns when the next connection has ended.
    func nextConnectionClose() async {
        for await _ in connectionCloses { return }
    }

    func connectionOpened() { record.withLock { $0.opened += 1 } }
    func connectionClosed() {
        record.withLock { $0.closed += 1 }
        connectionContinuation.yield()
    }
    func requestFinished(_ finished: FinishedRequest) {
        let method = finished.request?.method.rawValue ?? "-"
        record.withLock { record in
            record.finished.append("\(method) \(finished.route) \(finished.status.code)")
            if let cut = finished.cut { record.cuts.append(cut) }
        }
    }
    func responseFailed(_ error: any Error, requestID: String) {
        record.withLock { $0.failures.append("\(error)") }
    }
    func webSocketClosed(route: String, code: CloseCode?, duration: Duration) {
        closeContinuation.yield(code)
    }
    func bodyEnded(_ cause: BodyEnd) {
        record.withLock { $0.bodyEnds.append(cause) }
        bodyEnds.record(cause)
    }
    func refused(_ refusal: Refusal, from address: SocketAddress?) {
        record.withLock { $0.refusals.append(refusal) }
    }
}

extension TestWebSocketClient {
    /// The code of the next frame when it is a close; nil for any other frame.
    func closeCode() async throws -> CloseCode? {
        guard case .close(let code, _)? = try await next() else { return nil }
        return code
    }
}

/// Returns every message as it came.
final class EchoDelegate: WebSocketDelegate {
    func text(_ message: [UInt8], on channel: WebSocketChannel) { channel.send(text: message) }
    func binary(_ message: [UInt8], on channel: WebSocketChannel) { channel.send(binary: message) }
}

func echo(_ limits: WebSocketLimits = WebSocketLimits()) -> Handler {
    { _ in .upgrade(WebSocketUpgrade(limits: limits) { _ in EchoDelegate() }) }
}
