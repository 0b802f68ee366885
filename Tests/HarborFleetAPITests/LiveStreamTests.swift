import Broadcast
import EventLoops
import HarborFleet
import HarborFleetTesting
import HarborFleetWebTesting
import Testing

@testable import HarborFleetAPI

@Suite(.timeLimit(.minutes(1))) struct LiveStreamTests {
    /// Streams of the fleet `north` to subscribers on the first loop of the server.
    private struct Streams: Sendable {
        private let loop: EventLoop
        private let started: LoopBound<[(subscriber: TestSubscriber, stream: LiveStream)]>

        init(_ count: Int, of server: WebServer) async throws {
            let loop = server.group.loops[0]
            let request = LiveRequest(
                fleetID: try #require(FleetID("north")), resumesFrom: nil,
                reader: Reader(.anyone, by: nil, generation: 0, until: MonotonicInstant(nanoseconds: 0)))
            // This starts the tracker, so there is a snapshot.
            _ = try await server.fleets.status(of: request.fleetID)
            self.loop = loop
            started = await loop.run {
                let started: [(subscriber: TestSubscriber, stream: LiveStream)] = (0..<count).compactMap {
                    _ in
                    let subscriber = TestSubscriber(on: loop)
                    return server.hub.stream(request, from: nil, to: subscriber).map { (subscriber, $0) }
                }
                return LoopBound(started, on: loop)
            }
        }

        /// The messages of each subscriber.
        var messages: [[String]] {
            get async { await loop.run { started.value.map(\.subscriber.messages) } }
        }

        /// Returns once the subscriber at `index` has `count` messages.
        func wait(for count: Int, of index: Int) async {
            let received = await loop.run { started.value[index].subscriber.received }
            await received.wait { $0.count >= count }
        }

        /// Calls `body` on the loop with one subscriber and its stream.
        func with(_ index: Int, _ body: @Sendable (TestSubscriber, LiveStream) -> Void) async {
            await loop.run { body(started.value[index].subscriber, started.value[index].stream) }
        }

        /// Ends the streams, so that nothing refers to the server any more.
        func end() async {
            await loop.run { for (_, stream) in started.value { stream.end() } }
        }
    }

    @Test func subscribers_getEveryEventInOrder_beyondOneSlice() async throws {
        try await WebServer.with(publicRead: true) { server in
            let streams = try await Streams(600, of: server)
            let count = 30
            for number in 0..<count { #expect(try await server.post(["van-\(number)"]).status == 202) }
            for index in 0..<600 { await streams.wait(for: 1 + count, of: index) }
            let seen = await streams.messages
            #expect(seen.count == 600)
            #expect(Set(seen).count == 1)
            #expect(seen[0][0].contains("\"snapshot\""))
            for number in 1...count { #expect(seen[0][number].contains("\"seq\":\(number),")) }
            await streams.end()
        }
    }

    @Test func slowSubscriber_getsTheNewestOfEachVehicle_whenItHasCaughtUp() async throws {
        try await WebServer.with(publicRead: true) { server in
            let streams = try await Streams(2, of: server)
            await streams.with(0) { subscriber, _ in
                subscriber.isBlocked = true
                subscriber.pendingBytes = 65_537
            }
            for number in 1...3 {
                #expect(try await server.post(["van-1"]).status == 202)
                await streams.wait(for: 1 + number, of: 1)
            }
            #expect(await streams.messages[0].count == 1)
            await streams.with(0) { subscriber, stream in
                subscriber.isBlocked = false
                subscriber.pendingBytes = 0
                stream.release()
            }
            let seen = await streams.messages[0]
            #expect(seen.count == 2)
            #expect(seen.last?.contains("\"seq\":3,") == true)
            #expect(seen.last?.hasSuffix(",\"conflated\":2}") == true)
            await streams.end()
        }
    }
}
