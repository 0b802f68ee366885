import Endpoint
import HTTPTypes
import HarborFleetTesting
import HarborFleetWebTesting
import Testing

@testable import HarborFleet
@testable import HarborFleetAPI

/// A status is made on the loop of its request only when it is small.
@Suite(.timeLimit(.minutes(1))) struct LargeStatusTests {
    /// Serves the status of `north` with `vehicles` vehicles. `ask` returns the response and how it was made.
    private func with(
        _ vehicles: Int,
        _ body: (
            _ server: WebServer,
            _ ask:
                @escaping @Sendable (_ fields: String) async throws -> (kind: String, response: RawResponse)
        ) async throws -> Void
    ) async throws {
        try await WebServer.with(publicRead: true) { server in
            _ = try server.insert(vehicles, into: "north")
            let controller = server.statuses
            let kinds = EventRecorder<String>()
            var router = Router()
            router.get("/:fleet_id") { request in
                let reply = try controller.status(request)
                kinds.record(reply.kind)
                return reply
            }
            try await server.serving(router) { port in
                try await body(server) { fields in
                    let response = try await ask("north", port, fields)
                    return (kinds.events.last ?? "", response)
                }
            }
        }
    }

    @Test func largeStatus_isMadeOffTheLoop_oncePerChangeAndEncoding() async throws {
        try await with(FleetSnapshot.mostOnLoop + 1) { server, ask in
            let first = try await ask("")
            #expect(first.kind == "later" && first.response.status == 200)
            #expect(first.response.text.contains("\"v\(FleetSnapshot.mostOnLoop)\""))
            let again = try await ask("")
            #expect(again.kind == "prepared" && again.response.body == first.response.body)
            let compressed = try await ask("Accept-Encoding: gzip\r\n")
            #expect(compressed.kind == "later" && compressed.response["content-encoding"] == "gzip")
            let compressedAgain = try await ask("Accept-Encoding: gzip\r\n")
            #expect(
                compressedAgain.kind == "prepared"
                    && compressedAgain.response.body == compressed.response.body)
            let tag = try #require(first.response["etag"])
            let held = try await ask("If-None-Match: \(tag)\r\n")
            #expect(held.kind == "prepared" && held.response.status == 304)

            #expect(try await server.post(["another"]).status == 202)
            let changed = try await ask("")
            #expect(changed.kind == "later" && changed.response.text.contains("another"))
            #expect(try await ask("").kind == "prepared")
        }
    }

    @Test func smallStatus_isMadeOnTheLoop() async throws {
        try await with(FleetSnapshot.mostOnLoop) { server, ask in
            // The first request starts the tracker.
            #expect(try await ask("").kind == "later")
            #expect(try await server.post(["v1"]).status == 202)
            #expect(try await ask("").kind == "prepared")
            let compressed = try await ask("Accept-Encoding: gzip\r\n")
            #expect(compressed.kind == "prepared" && compressed.response["content-encoding"] == "gzip")
        }
    }

    @Test func largeStatus_isTheSame_forManyReaders() async throws {
        try await with(FleetSnapshot.mostOnLoop * 2) { _, ask in
            let bodies = try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for number in 0..<20 {
                    group.addTask {
                        try await ask(number % 2 == 0 ? "" : "Accept-Encoding: gzip\r\n").response.body
                    }
                }
                return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
            }
            #expect(bodies.count == 2)
        }
    }
}

/// Large statuses for which several clients wait.
@Suite(.timeLimit(.minutes(1))) struct SharedStatusTests {
    @Test func largeStatus_isMadeOnceForWaitingReaders_andOtherFleetsDoNotWait()
        async throws
    {
        try await WebServer.with(publicRead: true) { server in
            let large = FleetSnapshot.mostOnLoop + 1
            let north = try server.insert(large, into: "north")
            _ = try server.insert(large, into: "south")
            let before = try await server.fleets.status(of: north)
            let cell = try #require(server.fleets.cell(of: north))
            let controller = server.statuses
            let work = controller.largeStatuses
            var router = Router()
            router.get("/:fleet_id") { try controller.status($0) }
            try await server.serving(router) { port in
                let (opened, gate) = AsyncStream<Void>.makeStream()
                async let first = work.value(for: north, if: { _ in false }) {
                    for await _ in opened {}
                    return cell.statusResponses(for: cell.snapshot ?? before, through: [])
                }
                try await withThrowingTaskGroup(of: RawResponse.self) { group in
                    for number in 0..<10 {
                        let fields = number % 2 == 0 ? "" : "Accept-Encoding: gzip\r\n"
                        group.addTask { try await ask("north", port, fields) }
                    }
                    await work.waitForCallers(11, for: north)
                    #expect(try await ask("south", port).status == 200)
                    #expect(try await server.post(["another"]).status == 202)
                    // This is a poll, because no event says that the cell has a new snapshot.
                    try await waitUntil { cell.snapshot?.vehicles.count == large + 1 }
                    gate.finish()
                    var bodies: Set<[UInt8]> = []
                    for try await response in group {
                        #expect(response.status == 200)
                        bodies.insert(response.body)
                    }
                    #expect(bodies.count == 2)
                    #expect(bodies.contains { String(decoding: $0, as: UTF8.self).contains("another") })
                }
                let made = try await first
                #expect(cell.kept === made, "they were made again")
                #expect(work.count == 0)
            }
        }
    }
}

/// Gets the status of a fleet on a connection of its own.
private func ask(_ fleet: String, _ port: UInt16, _ fields: String = "") async throws -> RawResponse {
    try await RawClient.get("/\(fleet)", port: port, fields)
}

extension WebServer {
    /// A status controller on this server's stores.
    fileprivate var statuses: StatusController {
        StatusController(
            fleets: fleets, authenticator: authenticator, origins: .any, loops: group.loops,
            makers: OffLoopWork(width: 2))
    }
}

extension Reply {
    fileprivate var kind: String {
        switch self {
        case .now: "now"
        case .prepared: "prepared"
        case .decidedLater: "later"
        case .streamed: "streamed"
        case .upgrade: "upgrade"
        }
    }
}
