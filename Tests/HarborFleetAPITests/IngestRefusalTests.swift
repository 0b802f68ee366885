import EventLoops
import FleetAccess
import HarborFleetTesting
import HarborFleetWebTesting
import Logging
import Synchronization
import Telemetry
import Testing

@testable import HarborFleet
@testable import HarborFleetAPI

/// The log states the cause of a 401. The response to the sender does not.
@Suite(.timeLimit(.minutes(1))) struct IngestRefusalTests {
    private static let message = "a POST of fixes is refused"
    private let registry = PrometheusRegistry()
    private let log = RefusalLines(message)

    private func makeRefusals(
        endedSecret: @escaping IngestRefusals.Finder = { _ in nil }
    ) -> IngestRefusals {
        IngestRefusals(
            logger: log.logger, isKnown: { $0.rawValue != "nowhere" && !$0.rawValue.hasPrefix("made-up") },
            endedSecret: endedSecret, factory: registry)
    }

    private func count(_ cause: String) -> Int? {
        let text = String(decoding: registry.exposition(.prometheus), as: UTF8.self)
        let line = text.split(separator: "\n").first {
            $0.hasPrefix("harbor_ingest_refused_total{cause=\"\(cause)\"}")
        }
        return line?.split(separator: " ").last.flatMap { Double($0) }.map { Int($0) }
    }

    @Test func eachCause_isCountedAndLogged_withTheRequestID() async throws {
        let refusals = makeRefusals()
        let north = try #require(FleetID("north"))
        refusals.note(IngestRefusal(cause: .stale, fleetID: north, staleBySeconds: 301), requestID: "r1")
        refusals.note(IngestRefusal(cause: .unknownFleet), requestID: "r2")
        refusals.note(
            IngestRefusal(cause: .headerMissing, fleetID: north, header: "webhook-id, webhook-signature"),
            requestID: "r3")
        #expect(
            await log.next(3) == [
                "cause=stale fleet_id=north request_id=r1 stale_by_s=301",
                "cause=unknown_fleet request_id=r2",
                "cause=header_missing fleet_id=north header=webhook-id, webhook-signature request_id=r3",
            ])
        #expect(count("stale") == 1 && count("unknown_fleet") == 1 && count("header_missing") == 1)
        #expect(count("other_fleet") == 0 && count("revoked") == 0)
    }

    @Test func causeOfAFleet_hasSixLinesAMinute_andAllAreCounted() async throws {
        let refusals = makeRefusals()
        let (north, south) = (try #require(FleetID("north")), try #require(FleetID("south")))
        let start = ContinuousClock.now
        for number in 0..<100 {
            refusals.note(IngestRefusal(cause: .stale, fleetID: north), requestID: "a\(number)", now: start)
        }
        refusals.note(IngestRefusal(cause: .stale, fleetID: south), requestID: "b", now: start)
        refusals.note(IngestRefusal(cause: .otherFleet, fleetID: north), requestID: "c", now: start)
        let later = start.advanced(by: .seconds(60))
        refusals.note(IngestRefusal(cause: .stale, fleetID: north), requestID: "d", now: later)
        #expect(
            await log.next(9)
                == (0..<6).map { "cause=stale fleet_id=north request_id=a\($0)" } + [
                    "cause=stale fleet_id=south request_id=b",
                    "cause=other_fleet fleet_id=north request_id=c",
                    "cause=stale fleet_id=north request_id=d unwritten=94",
                ])
        #expect(count("stale") == 102)
    }

    /// Clients can invent ids. All unknown fleets share the lines of one, and each line names its fleet.
    @Test func unknownFleets_shareTheirLines() async throws {
        let refusals = makeRefusals()
        let now = ContinuousClock.now
        for number in 0..<100 {
            let id = try #require(FleetID("made-up-\(number)"))
            refusals.note(IngestRefusal(cause: .unknownFleet, fleetID: id), requestID: "r", now: now)
        }
        refusals.note(
            IngestRefusal(cause: .unknownFleet), requestID: "r", now: now.advanced(by: .seconds(60)))
        #expect(
            await log.next(7)
                == (0..<6).map { "cause=unknown_fleet fleet_id=made-up-\($0) request_id=r" } + [
                    "cause=unknown_fleet request_id=r unwritten=94"
                ])
        #expect(count("unknown_fleet") == 101)
    }

    /// The look-up comes after the response, and only for a refusal that gets a line.
    @Test func revokedSecret_isLogged_andTheResponseIsThatOfAWrongSignature() async throws {
        try await WebServer.with(logger: log.logger) { server in
            let north = try #require(FleetID("north"))
            let body = WebServer.body(["van-1"])
            #expect(try await server.post(body).status == 202)
            server.store.end(north, at: Timestamp(milliseconds: 1_795_194_000_000))
            server.revision.changed()
            let refused = try await server.post(body, fields: ["X-Request-Id: r1"])
            let wrong = try await server.post(body, fields: ["X-Request-Id: r1"], key: [9])
            #expect(refused.status == 401 && refused.body == wrong.body)
            #expect(
                await log.next(2) == [
                    "cause=revoked ended_at=2026-11-20T17:00:00.000Z fleet_id=north partner_id=acme request_id=r1",
                    "cause=no_secret_fits fleet_id=north request_id=r1",
                ])
            #expect(server.store.endedLookUps == 2)
            for _ in 2..<10 { #expect(try await server.post(body).status == 401) }
            _ = await log.next(4)
            #expect(server.store.endedLookUps == 6)
        }
    }

    /// The others count as signatures that no secret fits.
    @Test func revokedSecrets_countAsRevoked_whenTheyGetALine() async throws {
        let secret = SigningSecret(
            partnerID: try #require(PartnerID("acme")), key: [1],
            expiresAt: Timestamp(milliseconds: 1_795_194_000_000))
        let looked = Mutex(0)
        let refusals = makeRefusals { _ in
            looked.withLock { $0 += 1 }
            return secret
        }
        let loop = try #require(try EventLoopGroup(count: 1, label: "test").loops.first)
        let post = try RequestSample.post(to: "north", on: loop)
        for _ in 0..<50 {
            refusals.note(
                IngestRefusal(cause: .noSecretFits, fleetID: post.fleetID, post: post), requestID: "r")
        }
        let lines = await log.next(6)
        #expect(lines.allSatisfy { $0.hasPrefix("cause=revoked ended_at=2026-11-20T17:00:00.000Z") })
        #expect(looked.withLock { $0 } == 6)
        #expect(count("revoked") == 6 && count("no_secret_fits") == 44)
    }

    @Test func line_saysWhatIsKnown_withoutADatabase() async throws {
        try await WebServer.with(logger: log.logger) { (server: WebServer) async throws in
            let body = WebServer.body(["van-1"])
            #expect(try await server.post(body).status == 202)
            server.steadyClock.advance(by: .seconds(1))
            // The first refusal causes a look-up. The second comes during the pause after it.
            #expect(try await server.post(body, key: [9]).status == 401)
            server.store.setAway(true)
            #expect(try await server.post(body, key: [9]).status == 401)
            for line in await log.next(2) { #expect(line.hasPrefix("cause=no_secret_fits fleet_id=north")) }
        }
    }

    @Test func everyCause_hasTheSameResponse() {
        for cause in IngestRefusal.Cause.allCases {
            #expect(ErrorMapping.problem(of: IngestRefusal(cause: cause, staleBySeconds: 9)) == .badSignature)
        }
    }

    /// The server hashes the body with dummy keys, so that no key takes as long as two. The least times may differ only
    /// by noise.
    @Test func refusal_takesTheSameTime_withAnyNumberOfKeys() throws {
        let signature = try WebhookSignature(id: "m", timestamp: "1", signature: "v1,AAAA")
        let body = [UInt8](repeating: 1, count: RequestBodies.limit)
        let partner = try #require(PartnerID("acme"))
        let keys = (0..<2).map { PartnerKey(SigningSecret(partnerID: partner, key: [UInt8($0)])) }
        var least = [Duration](repeating: .seconds(60), count: 3)
        for _ in 0..<20 {
            for count in 0...2 {
                let start = ContinuousClock.now
                #expect(signature.verify(body, with: Array(keys.prefix(count))) == nil)
                least[count] = min(least[count], start.duration(to: .now))
            }
        }
        for count in 0...1 {
            let share = least[count] / least[2]
            #expect((0.7...1.4).contains(share), "\(count) keys: \(share) of two")
        }
    }

    /// Each response waits for a tick of its own.
    @Test func refusals_takeATickEach() async throws {
        try await WebServer.with { server in
            let client = try RawClient(port: server.port)
            let request =
                "POST /api/v1/fleets/nowhere/fixes HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                + "Content-Length: 2\r\n\r\n{}"
            let start = ContinuousClock.now
            for _ in 0..<5 {
                try await client.send(request)
                let response = try await client.response(to: "POST", "/api/v1/fleets/nowhere/fixes")
                #expect(response.status == 401)
            }
            #expect(ContinuousClock.now - start >= .milliseconds(40))
        }
    }
}
