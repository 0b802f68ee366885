import Endpoint
import EventLoops
import HTTPTypes
import HarborFleetTesting
import Synchronization
import Testing

/// Routes whose 401 leaves at a tick of the clock, so that its time reveals nothing.
@Suite(.timeLimit(.minutes(1))) struct UnauthorizedTickTests {
    private static let period: UInt64 = 10_000_000

    /// When a handler was done, and when its response was written, by the time of the turn.
    private final class Times: EndpointObserver {
        private let handled = Mutex<[MonotonicInstant]>([])
        private let written = Mutex<[MonotonicInstant]>([])

        func noteHandled() { handled.withLock { $0.append(.read()) } }

        func requestFinished(_ finished: FinishedRequest) {
            guard let loop = finished.request?.loop else { return }
            written.withLock { $0.append(loop.now) }
        }

        /// Whether a tick lies between the two instants, for each request.
        var crossings: [Bool] {
            zip(handled.withLock { $0 }, written.withLock { $0 }).map { handled, written in
                written >= handled.next(multipleOf: UnauthorizedTickTests.period)
            }
        }
    }

    private struct Refused: Error {}

    private func withTick(
        _ times: Times, _ body: (RawClient) async throws -> Void
    ) async throws {
        let options = RouteOptions(unauthorizedTick: .nanoseconds(Self.period))
        let responder: ErrorResponder = { error, id in
            error is Refused
                ? text("no", .unauthorized) : PlainErrorResponder.respond(to: error, requestID: id)
        }
        try await withServer(
            observer: times, errorResponder: responder,
            routes: { router in
                router.post("/now", options: options) { _ in
                    defer { times.noteHandled() }
                    throw Refused()
                }
                router.post("/later", options: options) { _ in
                    .later {
                        defer { times.noteHandled() }
                        throw Refused()
                    }
                }
                router.post("/fine", options: options) { _ in
                    defer { times.noteHandled() }
                    return .now(text("fine"))
                }
                router.get("/read", options: options) { _ in
                    defer { times.noteHandled() }
                    throw Refused()
                }
                router.get("/free") { _ in
                    defer { times.noteHandled() }
                    return .now(text("free"))
                }
            }
        ) { port, _ in try await body(try RawClient(port: port)) }
    }

    private func statusOfPost(_ path: String, _ client: RawClient) async throws -> Int {
        try await client.send(post(path, "x"))
        return try await client.response().status
    }

    @Test(arguments: ["/now", "/later"])
    func unauthorizedResponse_leavesAtTheNextTick(path: String) async throws {
        let times = Times()
        try await withTick(times) { (client: RawClient) async throws in
            for _ in 0..<5 { #expect(try await statusOfPost(path, client) == 401) }
        }
        #expect(times.crossings == [true, true, true, true, true])
    }

    @Test func otherResponse_leavesAtOnce() async throws {
        let times = Times()
        try await withTick(times) { (client: RawClient) async throws in
            #expect(try await statusOfPost("/fine", client) == 200)
        }
        #expect(times.crossings == [false])
    }

    @Test func laterRequests_areAnsweredBehindTheHeldResponse() async throws {
        let times = Times()
        try await withTick(times) { (client: RawClient) async throws in
            let read = get("/read")
            let free = get("/free")
            try await client.send(read + free + read)
            for expected in [401, 200, 401] { #expect(try await client.response().status == expected) }
            #expect(try await statusOfPost("/now", client) == 401)
        }
    }

    @Test func heldResponse_reachesAHalfClosedClient() async throws {
        let times = Times()
        try await withTick(times) { (client: RawClient) async throws in
            try await client.send(post("/now", "x"))
            try await client.endSending()
            #expect(try await client.response().status == 401)
            #expect(try await client.untilEnd().isEmpty)
        }
    }
}
