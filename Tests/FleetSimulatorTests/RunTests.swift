import Foundation
import HarborFleet
import HarborFleetSite
import HarborFleetTesting
import Logging
import Testing

@testable import FleetSimulator

@Suite(.timeLimit(.minutes(1))) struct RunTests {
    private let clock = SkippingClock()
    private let progress = SimulationProgress()

    @Test func driving_sendsOnePostPerInterval_untilTheDurationIsOver() async throws {
        let server = try ScriptedServer([.answer(status: 202, body: #"{"accepted":3,"duplicates":0}"#)])
        defer { server.stop() }
        let run = try driving(to: server, every: .seconds(2), for: .seconds(9))
        try await run.run()
        #expect(server.requests.count == 5)
        #expect(server.requests.allSatisfy { $0.body.contains(#""vehicle_id":"van-3""#) })
        #expect(progress.totals.line == "sent 15, accepted 15, duplicates 0, rejected 0, errors 0")
        #expect(progress.totals.isFine)
    }

    @Test func driving_endsAfterItsDuration_whenTheServerIsUnreachable() async throws {
        let server = try ScriptedServer([.answer(status: 202)])
        server.stop()
        let run = try driving(to: server, every: .seconds(1), for: .seconds(2))
        let start = clock.now()
        do {
            try await run.run()
            Issue.record("no server accepts the fixes")
        } catch let error as SimulatorError {
            guard case .unreachable = error else { throw error }
        }
        #expect(start.duration(to: clock.now()) <= .seconds(2))
        #expect(progress.totals.errors == 1 && !progress.totals.isFine)
    }

    @Test func replay_sendsAtOnceInOrder_withoutASpeed() async throws {
        let server = try ScriptedServer([.answer(status: 202, body: #"{"accepted":0,"duplicates":100}"#)])
        defer { server.stop() }
        try await replay(Array(0..<250), to: server)
        #expect(server.requests.count == 3)
        #expect(server.requests.last?.body.contains("00:04:09.000Z") == true)
        #expect(progress.totals.sent == 250)
        #expect(progress.totals.duplicates == 300)
        #expect(clock.waits.isEmpty)
    }

    @Test func replay_followsItsSpeed() async throws {
        let server = try ScriptedServer([.answer(status: 202, body: ScriptedServer.accepted)])
        defer { server.stop() }
        try await replay(Array(0..<4), to: server, speed: 2)
        #expect(server.requests.count == 4)
        #expect(clock.waits == [.zero, .milliseconds(500), .milliseconds(500), .milliseconds(500)])
    }

    @Test func replay_skipsALongGapAndSaysSo() async throws {
        let server = try ScriptedServer([.answer(status: 202, body: ScriptedServer.accepted)])
        defer { server.stop() }
        let years = 845_000_000
        let run = ReplayRun(
            fixes: try RecordedFixes.at([0, years, years + 1]), sender: try sender(server), speed: 1,
            longestGap: .seconds(3600), clock: clock)
        #expect(
            run.skippedGaps
                == "not waiting for gaps longer than --max-gap-s: 9780 d 2 h before line 2 (second 845000000)"
        )
        try await run.run()
        #expect(clock.waits == [.zero, .seconds(1)])
        #expect(progress.totals.accepted == 2)
    }

    @Test func replay_doesNotWait_forPointsThatIngestRefuses() async throws {
        let tooOld = #"{"errors":[{"pointer":"/fixes/0/recorded_at","detail":"must not be older"}]}"#
        let accepted = ScriptedServer.Step.answer(status: 202, body: ScriptedServer.accepted)
        let refused = ScriptedServer.Step.answer(status: 422, body: tooOld)
        let server = try ScriptedServer([refused, refused, accepted, refused, accepted])
        defer { server.stop() }
        try await replay([0, 1000, 2000, 2010, 2500, 2600], to: server, speed: 1)
        // Two POSTs of one fix are refused, so two fixes go at once. The second of them sets the pace again.
        #expect(clock.waits == [.zero, .zero, .zero, .seconds(490), .zero])
        #expect(progress.totals.rejected == 3 && progress.totals.accepted == 2)
        #expect(server.requests.map { $0.body.components(separatedBy: "lat").count - 1 } == [1, 1, 2, 1, 1])
    }

    @Test func replay_sendsLargerPosts_whenIngestRefusesALongStretch() async throws {
        let tooOld = #"{"errors":[{"pointer":"/fixes/0/recorded_at","detail":"must not be older"}]}"#
        let server = try ScriptedServer([.answer(status: 422, body: tooOld)])
        defer { server.stop() }
        try await replay(Array(0..<2028), to: server, speed: 1)
        // The POSTs have 1, 1, 2, 4, 8, 16, 32 and 64 fixes, and then 100 each.
        #expect(server.requests.count == 8 + 19)
        #expect(clock.waits.allSatisfy { $0 == .zero })
        #expect(progress.totals.rejected == 2028 && progress.totals.errors == 0)
    }

    @Test func note_namesTheLineAndTimesOfARejectedPoint() async throws {
        let rejected =
            #"{"pointer":"/fixes/1","errors":[{"pointer":"/fixes/1/recorded_at","detail":"is old"}]}"#
        let server = try ScriptedServer([
            .answer(status: 202, body: #"{"accepted":99,"duplicates":0}"#),
            .answer(status: 202, body: #"{"accepted":99,"duplicates":0,"rejected":[\#(rejected)]}"#),
        ])
        defer { server.stop() }
        let notes = EventRecorder<String>()
        let progress = SimulationProgress(onNote: { notes.record($0) })
        try await replay(Array(0..<200), to: server, progress)
        #expect(
            notes.events.joined()
                == "rejected line 102 (second 101, sent as 1970-01-01T00:01:41.000Z): recorded_at: is old")
    }

    @Test func rejection_isCounted_whenItsPointerIsBeyondThePost() async throws {
        let server = try ScriptedServer([
            .answer(
                status: 202, body: #"{"accepted":0,"duplicates":0,"rejected":[{"pointer":"/fixes/900"}]}"#)
        ])
        defer { server.stop() }
        let notes = EventRecorder<String>()
        let progress = SimulationProgress(onNote: { notes.record($0) })
        try await replay(Array(0..<1), to: server, progress)
        #expect(notes.events.joined() == "rejected a fix: no reason was given")
        #expect(progress.totals.rejected == 1)
    }

    @Test func replay_continues_whenAPostHasNoValidFix() async throws {
        let server = try ScriptedServer([
            .answer(status: 422, body: #"{"errors":[{"pointer":"/fixes/0/lat","detail":"is missing"}]}"#),
            .answer(
                status: 202, body: #"{"accepted":99,"duplicates":0,"rejected":[{"pointer":"/fixes/1"}]}"#),
        ])
        defer { server.stop() }
        try await replay(Array(0..<200), to: server)
        #expect(progress.totals.rejected == 101)
        #expect(progress.totals.accepted == 99)
        #expect(!progress.totals.isFine)
    }

    @Test(arguments: [
        (401, #"{"detail":"no"}"#, "no"), (422, #"{"detail":"not storable"}"#, "not storable"),
        (
            422, #"{"detail":"no","errors":[{"pointer":"/fleet_id","detail":"is missing"}]}"#,
            "no; /fleet_id: is missing"
        ),
    ])
    func replay_ends_whenAPostIsRefused(
        _ status: Int, _ body: String, _ detail: String
    ) async throws {
        let server = try ScriptedServer([.answer(status: status, body: body)])
        defer { server.stop() }
        await #expect(throws: SimulatorError.refused(status: status, detail: detail)) {
            try await replay(Array(0..<200), to: server)
        }
        #expect(server.requests.count == 1)
        #expect(progress.totals.errors == 1 && progress.totals.rejected == 0)
        #expect(progress.totals.sent == 100)
    }

    @Test func demo_drivesThroughFailures_andEndsWhenItIsRefused()
        async throws
    {
        let server = try ScriptedServer([
            .answer(status: 202, body: #"{"accepted":4,"duplicates":0}"#), .hangUp,
            .answer(status: 202, body: #"{"accepted":4,"duplicates":0}"#), .answer(status: 401),
        ])
        defer { server.stop() }
        let demo = try DemoFleet(
            url: server.url, fleet: try #require(FleetID("demo")), secret: Self.secret,
            streets: StaticAssets.harborQuarter, vehicles: 4, interval: .milliseconds(10),
            logger: Logger(label: "t"))
        await #expect(throws: SimulatorError.self) { try await demo.run() }
        #expect(server.requests.count == 4)
    }

    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    private func sender(
        _ server: ScriptedServer, _ progress: SimulationProgress? = nil
    ) throws -> FixSender {
        let poster = SignedPoster(
            target: try PostTarget(url: server.url, fleet: try #require(FleetID("demo"))),
            signer: try WebhookSigner(secret: Self.secret), clock: clock)
        return FixSender(poster: poster, progress: progress ?? self.progress, unreachable: .end)
    }

    /// Replays fixes with times of `seconds`.
    private func replay(
        _ seconds: [Int], to server: ScriptedServer, speed: Double? = nil,
        _ progress: SimulationProgress? = nil
    ) async throws {
        try await ReplayRun(
            fixes: try RecordedFixes.at(seconds), sender: try sender(server, progress), speed: speed,
            longestGap: .seconds(3600), clock: clock
        ).run()
    }

    /// Makes a run of three vehicles.
    private func driving(
        to server: ScriptedServer, every interval: Duration, for duration: Duration
    ) throws -> DrivingRun {
        DrivingRun(
            fleet: DrivingFleet(
                count: 3, on: try StreetNetwork(geoJSON: StaticAssets.harborQuarter), seed: 1),
            sender: try sender(server), interval: interval, duration: duration, clock: clock)
    }
}
