import Endpoint
import EventLoops
import Foundation
import HarborFleetTesting
import HarborFleetWebTesting
import Testing

@testable import HarborFleet
@testable import HarborFleetAPI

/// The first snapshot of the live stream of a large fleet.
@Suite(.timeLimit(.minutes(1))) struct LargeLiveTests {
    private struct Message: Decodable {
        let type: String
        let seq: UInt64
        let vehicles: [Vehicle]?

        struct Vehicle: Decodable {}
    }

    private func message(_ client: TestWebSocketClient) async throws -> Message {
        let text = try #require(try await client.text())
        return try JSONDecoder().decode(Message.self, from: Data(text.utf8))
    }

    @Test func firstSnapshot_isMadeOnceOffTheLoop_andLaterEventsFollowIt() async throws {
        try await WebServer.with(publicRead: true) { server in
            let large = FleetSnapshot.mostOnLoop + 1
            let north = try server.insert(large, into: "north")
            let start = try await server.fleets.status(of: north)
            let work = server.hub.largeSnapshots
            let controller = LiveController(hub: server.hub, origins: .any, publicRead: true)
            var router = Router()
            router.get("/:fleet_id") { try controller.live($0) }
            try await server.serving(router) { port in
                let (opened, gate) = AsyncStream<Void>.makeStream()
                async let first = work.value(for: north, if: { _ in false }) {
                    let frame = SnapshotFrame(start)
                    for await _ in opened {}
                    return frame
                }
                async let one = TestWebSocketClient(port: port, path: "/north")
                async let other = TestWebSocketClient(port: port, path: "/north")
                await work.waitForCallers(3, for: north)
                for number in 0..<3 { #expect(try await server.post(["new-\(number)"]).status == 202) }
                // This is a poll, because no subscriber of this fleet has its snapshot yet, which events follow.
                try await waitUntil { server.fleets.snapshot(of: north)?.seq == start.seq + 3 }
                gate.finish()
                _ = try await first
                let clients = try await [one, other]
                #expect(try await server.post(["last"]).status == 202)
                for client in clients {
                    let snapshot = try await message(client)
                    #expect(snapshot.type == "snapshot" && snapshot.seq == start.seq)
                    #expect(snapshot.vehicles?.count == large)
                    for missed in 1...4 as ClosedRange<UInt64> {
                        let next = try await message(client)
                        #expect(next.type == "position" && next.seq == start.seq + missed)
                    }
                }
                #expect(work.count == 0)
            }
        }
    }

    @Test func oldSnapshot_isReplacedByOneMadeOffTheLoop_forAllSubscribers() async throws {
        try await WebServer.with(publicRead: true) { server in
            let north = try server.insert(FleetSnapshot.mostOnLoop + 1, into: "north")
            let start = try await server.fleets.status(of: north)
            let old = FleetSnapshot(
                fleetID: north, epoch: "past", seq: 7, asOf: start.asOf, counts: StateCounts(), vehicles: [:],
                generation: 0)
            let request = LiveRequest(
                fleetID: north, resumesFrom: nil,
                reader: Reader(.anyone, by: nil, generation: 0, until: MonotonicInstant(nanoseconds: 0)))
            let hub = server.hub
            var router = Router()
            router.get("/") { _ in
                .upgrade(
                    WebSocketUpgrade {
                        hub.stream(request, from: SnapshotFrame(old), to: $0)
                    })
            }
            try await server.serving(router) { port in
                let (opened, gate) = AsyncStream<Void>.makeStream()
                let work = hub.largeSnapshots
                async let held = work.value(for: north, if: { _ in false }) {
                    for await _ in opened {}
                    return SnapshotFrame(old)
                }
                await work.waitForCallers(1, for: north)
                let clients = try await [
                    TestWebSocketClient(port: port, path: "/"), TestWebSocketClient(port: port, path: "/"),
                    TestWebSocketClient(port: port, path: "/"),
                ]
                // Each loop with subscribers asks once, for any number of them.
                await work.waitForCallers(2, for: north)
                #expect(try await server.post(["meanwhile"]).status == 202)
                gate.finish()
                _ = try await held
                for client in clients {
                    let snapshot = try await message(client)
                    #expect(snapshot.type == "snapshot" && snapshot.seq >= start.seq)
                    #expect((snapshot.vehicles?.count ?? 0) > FleetSnapshot.mostOnLoop)
                }
            }
        }
    }
}
