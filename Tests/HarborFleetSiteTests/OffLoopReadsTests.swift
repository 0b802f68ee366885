import Endpoint
import HarborFleetTesting
import HarborFleetWebTesting
import Telemetry
import Testing

@testable import HarborFleet
@testable import HarborFleetAPI
@testable import HarborFleetSite
@testable import Supervision

/// Reads that grow with the data are computed off the event loops.
@Suite(.timeLimit(.minutes(1))) struct OffLoopReadsTests {
    private let clock = ManualWallClock(Timestamp(milliseconds: 1_795_194_000_000))

    /// Serves the page of `north` with `vehicles` vehicles. `renders` records for each page whether a loop made it.
    private func withPage(
        _ vehicles: Int, makers: OffLoopWork = OffLoopWork(width: 2),
        _ body: (
            _ server: WebServer, _ renders: EventRecorder<Bool>, _ port: UInt16,
            _ page: @escaping @Sendable () async throws -> RawResponse
        ) async throws -> Void
    ) async throws {
        try await WebServer.with(publicRead: true) { server in
            _ = try server.insert(vehicles, into: "north")
            let renders = EventRecorder<Bool>()
            let (map, loops) = (MapOptions(leaflet: nil, tiles: nil), server.group.loops)
            let pages = PagesController(
                fleets: server.fleets, lists: FleetLists(server.fleets, makers: makers),
                authenticator: server.authenticator, map: map, publicRead: true,
                origins: .any, clock: clock, makers: makers
            ) { fleet, snapshot, asOf in
                renders.record(loops.contains { $0.isCurrent })
                return PagesController.render(fleet, snapshot, asOf: asOf, map, .none)
            }
            var router = Router()
            router.get("/fleets/:fleet_id") { try pages.fleet($0) }
            router.get("/health") { _ in .now(Response(.ok)) }
            try await server.serving(router) { port in
                try await body(server, renders, port) {
                    try await RawClient.get("/fleets/north", port: port)
                }
            }
        }
    }

    /// Returns once work waits for a maker. This is a poll, because no event says that work begins to wait.
    private func waitForWork(_ makers: OffLoopWork) async throws {
        try await waitUntil { makers.waiting == 1 }
    }

    @Test func largePage_isMadeOffTheLoop_oncePerChange() async throws {
        try await withPage(FleetPage.maximumRows + 1) { server, renders, _, page in
            let responses = try await withThrowingTaskGroup(of: RawResponse.self) { group in
                for _ in 0..<5 { group.addTask { try await page() } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(responses.map(\.body)).count == 1 && responses[0].status == 200)
            #expect(responses[0].text.contains("The first 2000 of 2001 vehicles"))
            #expect(responses[0].text.components(separatedBy: "<tr data-vehicle=").count == 2_001)
            _ = try await page()
            #expect(renders.events == [false])
            #expect(try await server.post(["a-new-one"]).status == 202)
            #expect(try await page().text.contains("The first 2000 of 2002 vehicles"))
            #expect(renders.events == [false, false])
            // The content is still current, but its time must be current too.
            #expect(try await page().text.contains("<time datetime=\"2026-11-20T17:00:00.000Z\">"))
            clock.advance(by: .milliseconds(1_001))
            #expect(try await page().text.contains("As of <time datetime=\"2026-11-20T17:00:01.001Z\">"))
            #expect(renders.events == [false, false, false])
        }
    }

    @Test func smallPage_isMadeOnTheLoop() async throws {
        try await withPage(FleetPages.mostOnLoop) { _, renders, _, page in
            let response = try await page()
            #expect(response.text.contains("<caption id=\"vehicles-caption\">200 vehicles</caption>"))
            #expect(renders.events == [true])
        }
    }

    @Test func loops_serveOtherRequests_whilePagesAreMade() async throws {
        let makers = OffLoopWork(width: 1)
        try await withPage(FleetPages.mostOnLoop + 1, makers: makers) { _, renders, port, page in
            let (opened, gate) = AsyncStream<Void>.makeStream()
            async let held: Void = makers.run { for await _ in opened {} }
            async let one = page()
            async let other = page()
            try await waitForWork(makers)
            for _ in 0..<20 {
                #expect(try await RawClient.get("/health", port: port).status == 200)
            }
            #expect(renders.events.isEmpty)
            gate.finish()
            try await held
            let responses = try await [one, other]
            #expect(responses[0].status == 200 && responses[0].body == responses[1].body)
            #expect(renders.events == [false])
        }
    }

    @Test func list_isMadeOffTheLoop_onceForWaitingReaders() async throws {
        try await WebServer.with(publicRead: true, fleets: (0..<300).map { "fleet-\($0)" }) { server in
            let makers = OffLoopWork(width: 1)
            let lists = FleetLists(server.fleets, makers: makers)
            let (made, loops) = (EventRecorder<Bool>(), server.group.loops)
            var router = Router()
            router.get("/") { _ in
                .later {
                    let body = try await lists.body(of: .all, as: .page) { lines in
                        made.record(loops.contains { $0.isCurrent })
                        let text = "\(lines.count) \(lines.count { $0.counts != nil })"
                        return CodedBody(bytes: Array(text.utf8), coding: .identity)
                    }
                    return body.response([:])
                }
            }
            try await server.serving(router) { port in
                let ask: @Sendable () async throws -> String = {
                    try await RawClient.get("/", port: port).text
                }
                // This is a poll, because the list does not wait for the trackers that it starts.
                try await waitUntil { try await ask() == "300 300" }
                let before = made.events.count
                #expect(before >= 2, "the trackers start between the first two responses")
                let (opened, gate) = AsyncStream<Void>.makeStream()
                async let held: Void = makers.run { for await _ in opened {} }
                let texts = try await withThrowingTaskGroup(of: String.self) { group in
                    for _ in 0..<6 { group.addTask { try await ask() } }
                    try await waitForWork(makers)
                    // By then all of the requests have reached the loops.
                    for _ in 0..<20 { _ = try await server.get("/health") }
                    gate.finish()
                    return try await group.reduce(into: Set()) { $0.insert($1) }
                }
                try await held
                #expect(texts == ["300 300"])
                #expect(made.events.count < before + 6 && made.events.allSatisfy { !$0 })
            }
        }
    }

    @Test(arguments: ["Accept: text/html\r\n", ""])
    func supervisionTree_isReadOffTheLoop(accept: String) async throws {
        try await WebServer.with { server in
            let (asked, loops) = (EventRecorder<Bool>(), server.group.loops)
            let site = OperationsSite(
                readiness: { ["database": HealthCheck(.ok, "fine")] }, registry: PrometheusRegistry(),
                version: "test",
                clock: clock, origins: .any,
                tree: {
                    asked.record(loops.contains { $0.isCurrent })
                    return SupervisionNode(name: "test", kind: .supervisor, state: .running)
                }, page: { SupervisionPage($0, asOf: $1).render() })
            try await server.serving(site.router()) { port in
                let response = try await RawClient.get("/supervision", port: port, accept)
                #expect(response.text.contains("supervisor"))
            }
            #expect(asked.events == [false])
        }
    }

    @Test func metrics_areReadOffTheLoop() async throws {
        try await WebServer.with { server in
            let (registry, asked, loops) = (
                PrometheusRegistry(), EventRecorder<Bool>(), server.group.loops
            )
            registry.collect { _ in asked.record(loops.contains { $0.isCurrent }) }
            let site = OperationsSite(
                readiness: { ["database": HealthCheck(.ok, "fine")] }, registry: registry, version: "test",
                clock: clock,
                origins: .any, tree: { SupervisionNode(name: "test", kind: .supervisor, state: .running) },
                page: { SupervisionPage($0, asOf: $1).render() })
            try await server.serving(site.router()) { port in
                let response = try await RawClient.get("/metrics", port: port)
                #expect(response.status == 200)
            }
            #expect(asked.events == [false])
        }
    }
}

extension String {
    /// The parts between the occurrences of a marker.
    fileprivate func components(separatedBy marker: String) -> [Substring] {
        split(separator: marker, omittingEmptySubsequences: false)
    }
}
