import Endpoint
import HarborFleet
import HarborFleetTesting
import HarborFleetWebTesting
import StoreCache
import Testing

@testable import HarborFleetAPI

/// Tracks of many clients. Some of the clients read slowly.
@Suite(.timeLimit(.minutes(2))) struct TrackBacklogTests {
    private static let path = "/api/v1/fleets/north/vehicles/van-7/track"

    /// Runs `body` with a server that has one long track and these limits.
    private func with(
        publicRead: Bool = true, _ limits: TrackController.Limits = TrackController.Limits(),
        _ body: (_ server: WebServer, _ controller: TrackController, _ port: UInt16) async throws -> Void
    ) async throws {
        try await WebServer.with(publicRead: publicRead) { server in
            server.tracks.put(1_000_000, of: try #require(VehicleID("van-7")))
            // The vehicle is in no snapshot of this server.
            var lane = ColdLane.Limits()
            (lane.capacity, lane.share, lane.pause) = (10_000, 10_000, .zero)
            let controller = TrackController(
                store: server.tracks, fleets: server.fleets, coldLane: ColdLane(limits: lane),
                authenticator: server.authenticator, origins: .any, limits: limits)
            var router = Router()
            router.get("/api/v1/fleets/:fleet_id/vehicles/:vehicle_id/track") { try controller.track($0) }
            try await server.serving(router) { try await body(server, controller, $0) }
        }
    }

    private func request(_ query: String = "?limit=1000000", _ fields: String = "") -> String {
        "GET \(Self.path)\(query) HTTP/1.1\r\nHost: h\r\n\(fields)\r\n"
    }

    /// A client that reads the head of a long track and nothing more.
    private func reader(_ port: UInt16, from source: String, _ fields: String = "") async throws -> RawClient
    {
        let client = try RawClient(port: port, from: source, receiveBuffer: 4_096)
        try await client.send(request("?limit=1000000", fields))
        #expect(try await client.response(hasBody: false).status == 200)
        return client
    }

    private func ask(
        _ port: UInt16, _ query: String, from source: String, _ fields: String = ""
    ) async throws -> RawStreamedResponse {
        let client = try RawClient(port: port, from: source)
        try await client.send(request(query, "Connection: close\r\n" + fields))
        return try RawStreamedResponse(try await client.untilEnd())
    }

    /// Returns once the number of streams meets a condition. This is a poll, because no event says that a stream begins or
    /// that the server has noticed its end.
    private func waitForStreams(of controller: TrackController, _ isMet: (Int) -> Bool) async throws {
        try await waitUntil { isMet(controller.backlog.streams) }
    }

    /// A new client is served, and no slow one is cut for it.
    @Test func slowClients_keepNoPlace() async throws {
        try await with { _, controller, port in
            var clients: [RawClient] = []
            for number in 0..<17 {
                clients.append(try await reader(port, from: "127.0.0.\(2 + number % 4)"))
            }
            let response = try await ask(port, "?limit=5000", from: "127.0.0.9")
            #expect(response.status == 200 && response.isWhole)
            #expect(try response.json(TrackDocument.self).fixes.count == 5_000)
            // A client with one of their addresses does not wait either.
            #expect(try await ask(port, "?limit=1", from: "127.0.0.2").isWhole)
            #expect(controller.backlog.streams == 17)
            clients = []
            try await waitForStreams(of: controller) { $0 == 0 }
        }
    }

    /// A reader with a single slow stream loses nothing.
    @Test func largestReader_losesAStream_whenTooManyBytesWait() async throws {
        var limits = TrackController.Limits()
        limits.backlog.bytes = 3_000_000
        limits.backlog.bytesOfOneReader = 2_000_000
        try await with(limits) { _, controller, port in
            let lone = try await reader(port, from: "127.0.0.3")
            var clients: [RawClient] = []
            // Each stream holds at least 262,144 bytes, and one with a waiting page more. The eighth is too much.
            for _ in 0..<7 { clients.append(try await reader(port, from: "127.0.0.2")) }
            let newcomers = try await [
                reader(port, from: "127.0.0.4"), reader(port, from: "127.0.0.5"),
                reader(port, from: "127.0.0.6"), reader(port, from: "127.0.0.7"),
            ]
            try await waitForStreams(of: controller) { $0 <= 11 }
            var cut = 0
            for client in clients {
                // A cut stream is reset, although the kernel may still hold bytes for it.
                do { _ = try await client.bytes(1_000_000) } catch RawClient.Failure.failed(.receiving, _) {
                    cut += 1
                }
            }
            #expect(cut > 0)
            for newcomer in newcomers { #expect(try await newcomer.bytes(1_000_000).count == 1_000_000) }
            // This is more than the kernel's buffers hold.
            #expect(try await lone.bytes(6_000_000).count == 6_000_000)
        }
    }

    /// The largest reader loses a stream before it has sent anything.
    @Test func newStream_takesTheRoomOfTheLargestReader() async throws {
        var limits = TrackController.Limits()
        limits.backlog.bytes = 4 * 262_144
        try await with(publicRead: false, limits) { server, controller, port in
            for name in ["a", "b"] { try server.addToken(name, fleets: ["north"]) }
            let (opened, gate) = AsyncStream<Void>.makeStream()
            let isOpen = Gate(opened)
            server.tracks.hold { await isOpen.pass() }
            var holders: [RawClient] = []
            for _ in 0..<4 {
                let client = try RawClient(port: port)
                try await client.send(
                    request(
                        "?limit=10", "Connection: close\r\nAuthorization: Bearer \(WebServer.token("a"))\r\n")
                )
                holders.append(client)
            }
            try await waitForStreams(of: controller) { $0 == 4 }
            // The fifth stream of the same reader finds no room.
            let refused = try await ask(
                port, "?limit=10", from: "127.0.0.2", "Authorization: Bearer \(WebServer.token("a"))\r\n")
            #expect(refused.status == 503 && refused["retry-after"] == "5")
            async let newcomer = ask(
                port, "?limit=10", from: "127.0.0.2", "Authorization: Bearer \(WebServer.token("b"))\r\n")
            // This is a poll, because no event says that a track has got its place.
            try await waitUntil { controller.places.takenPlaces == 5 }
            gate.finish()
            let served = try await newcomer
            #expect(served.isWhole)
            var whole = 0
            for holder in holders {
                if try RawStreamedResponse(try await holder.untilEnd()).isWhole { whole += 1 }
            }
            #expect(whole == 3)
            try await waitForStreams(of: controller) { $0 == 0 }
        }
    }

    /// Other readers are served.
    @Test func reader_is429_beyondItsBound() async throws {
        var limits = TrackController.Limits()
        limits.backlog.bytesOfOneReader = 2 * 262_144
        try await with(limits) { server, controller, port in
            let (opened, gate) = AsyncStream<Void>.makeStream()
            let isOpen = Gate(opened)
            server.tracks.hold { await isOpen.pass() }
            async let first = ask(port, "?limit=1", from: "127.0.0.2")
            async let second = ask(port, "?limit=1", from: "127.0.0.2")
            try await waitForStreams(of: controller) { $0 == 2 }
            let refused = try await ask(port, "?limit=1", from: "127.0.0.2")
            #expect(refused.status == 429 && refused["retry-after"] == "5")
            #expect(refused.text.contains("too-many-tracks"))
            async let other = ask(port, "?limit=1", from: "127.0.0.3")
            try await waitForStreams(of: controller) { $0 == 3 }
            gate.finish()
            let responses = try await [first, second, other]
            #expect(responses.allSatisfy { $0.isWhole })
        }
    }

    /// They wait behind each other on one connection.
    @Test func pipelinedTracks_leaveRoomForOthers() async throws {
        try await with(publicRead: false) { server, controller, port in
            for name in ["t", "other"] { try server.addToken(name, fleets: ["north"]) }
            let client = try RawClient(port: port, receiveBuffer: 4_096)
            let own = "Authorization: Bearer \(WebServer.token("t"))\r\n"
            try await client.send(String(repeating: request("?limit=1000000", own), count: 16))
            #expect(try await client.response(hasBody: false).status == 200)
            try await waitForStreams(of: controller) { $0 == 16 }
            let other = "Authorization: Bearer \(WebServer.token("other"))\r\n"
            #expect(try await ask(port, "?limit=1", from: "127.0.0.2", other).isWhole)
            #expect(try await ask(port, "?limit=1", from: "127.0.0.2", own).isWhole)
        }
    }

    @Test func headRequest_leavesNoStream() async throws {
        try await with { _, controller, port in
            let client = try RawClient(port: port)
            try await client.send("HEAD \(Self.path) HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try await client.response(hasBody: false).status == 200)
            try await waitForStreams(of: controller) { $0 == 0 }
        }
    }

    /// The track waits for its place.
    @Test func cancelledTrack_leavesTheQueue() async throws {
        let places = TrackTurns(TrackTurnsState.Limits(places: 1))
        let (opened, gate) = AsyncStream<Void>.makeStream()
        async let first = places.withPlace(for: .token("a")) {
            for await _ in opened {}
            return 1
        }
        let gone = Task { try await places.withPlace(for: .token("b")) { 2 } }
        let next = Task { try await places.withPlace(for: .token("c")) { 3 } }
        // This is a poll, because no event says that a track begins to wait.
        try await waitUntil { places.waitingTracks == 2 }
        gone.cancel()
        await #expect(throws: CancellationError.self) { try await gone.value }
        #expect(places.waitingTracks == 1)
        gate.finish()
        let one = try await first
        #expect(one == 1)
        #expect(try await next.value == 3)
        #expect(places.waitingTracks == 0)
    }
}

/// Opens for all waiting callers when a stream ends.
private final class Gate: Sendable {
    private let opened: Task<Void, Never>

    init(_ stream: AsyncStream<Void>) {
        opened = Task { for await _ in stream {} }
    }

    func pass() async { await opened.value }
}
