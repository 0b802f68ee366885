import Endpoint
import HTTPTypes
import HarborFleetTesting
import Logging
import Testing

@testable import HarborFleet
@testable import HarborFleetWeb

/// Whether a status is made on the loop that is asked.
@Suite(.timeLimit(.minutes(1))) struct LargeStatusTests {
    /// Asks for the status of `north`, which has so many vehicles, and tells how that was answered.
    private func with(
        _ vehicles: Int,
        _ body: (
            _ server: WebServer,
            _ ask: @escaping @Sendable (_ fields: String) async throws -> (kind: String, answer: RawResponse)
        ) async throws -> Void
    ) async throws {
        try await WebServer.with(publicRead: true) { server in
            let north = try #require(FleetID("north"))
            let now = SystemWallClock().now()
            let rows = try (0..<vehicles).map { number in
                let id = try #require(VehicleID("v\(number)"))
                return StoredFix(
                    fix: Fix(vehicleID: id, recordedAt: now, latitudeDegrees: 53.5, longitudeDegrees: 9.9),
                    receivedAt: now)
            }
            server.fixes.insert(rows, into: north)
            let controller = StatusController(
                fleets: server.fleets, authenticator: server.authenticator, loops: server.group.loops)
            let kinds = EventRecorder<String>()
            var router = Router()
            router.get("/:fleet_id") { request in
                let reply = try controller.status(request)
                kinds.record(reply.kind)
                return reply
            }
            let endpoint = EndpointServer(
                EndpointConfiguration(), on: server.group, router: router,
                errorResponder: ErrorMapping.responder(
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
            try await endpoint.start()
            let port = try #require(endpoint.port)
            try await body(server) { fields in
                let client = try RawClient(port: port)
                try await client.send("GET /north HTTP/1.1\r\nHost: h\r\n\(fields)\r\n")
                let answer = try await client.response()
                return (kinds.events.last ?? "", answer)
            }
            await endpoint.drain(within: .zero)
        }
    }

    @Test func aLargeStatus_isMadeElsewhere_onceAChange_inEachCoding() async throws {
        try await with(StatusController.mostOnLoop + 1) { server, ask in
            let first = try await ask("")
            #expect(first.kind == "later" && first.answer.status == 200)
            #expect(first.answer.text.contains("\"v\(StatusController.mostOnLoop)\""))
            let again = try await ask("")
            #expect(again.kind == "prepared" && again.answer.body == first.answer.body)
            let compressed = try await ask("Accept-Encoding: gzip\r\n")
            #expect(compressed.kind == "later" && compressed.answer["content-encoding"] == "gzip")
            let compressedAgain = try await ask("Accept-Encoding: gzip\r\n")
            #expect(
                compressedAgain.kind == "prepared" && compressedAgain.answer.body == compressed.answer.body)
            let tag = try #require(first.answer["etag"])
            let held = try await ask("If-None-Match: \(tag)\r\n")
            #expect(held.kind == "prepared" && held.answer.status == 304)

            #expect(try await server.post(["another"]).status == 202)
            let changed = try await ask("")
            #expect(changed.kind == "later" && changed.answer.text.contains("another"))
            #expect(try await ask("").kind == "prepared")
        }
    }

    @Test func aSmallStatus_isMadeOnTheLoop() async throws {
        try await with(StatusController.mostOnLoop) { server, ask in
            // Starts the tracker.
            #expect(try await ask("").kind == "later")
            #expect(try await server.post(["v1"]).status == 202)
            #expect(try await ask("").kind == "prepared")
            let compressed = try await ask("Accept-Encoding: gzip\r\n")
            #expect(compressed.kind == "prepared" && compressed.answer["content-encoding"] == "gzip")
        }
    }

    @Test func manyWhoAskForALargeStatus_getTheSame() async throws {
        try await with(StatusController.mostOnLoop * 2) { _, ask in
            let bodies = try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for number in 0..<20 {
                    group.addTask {
                        try await ask(number % 2 == 0 ? "" : "Accept-Encoding: gzip\r\n").answer.body
                    }
                }
                return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
            }
            #expect(bodies.count == 2)
        }
    }
}

extension Reply {
    fileprivate var kind: String {
        switch self {
        case .now: "now"
        case .prepared: "prepared"
        case .later, .decidedLater: "later"
        case .streamed: "streamed"
        case .upgrade: "upgrade"
        }
    }
}
