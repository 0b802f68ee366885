import EventLoops
import HarborFleetTesting
import Logging
import Synchronization
import Telemetry
import Testing

@testable import HarborFleet
@testable import HarborFleetWeb

/// What the operator hears of a POST that is answered 401, and what its sender does not.
@Suite(.timeLimit(.minutes(1))) struct IngestRefusalTests {
    @Test func eachCause_isCounted_andItsFirstRefusalIsLogged() throws {
        let registry = PrometheusRegistry()
        let log = CauseLog()
        let refusals = IngestRefusals(logger: Logger(label: "test") { _ in log }, factory: registry)
        let north = try #require(FleetID("north"))
        for _ in 0..<3 {
            refusals.note(IngestRefusal(.stale, fleetID: north, staleBySeconds: 301), requestID: "r1")
        }
        refusals.note(IngestRefusal(.unknownFleet), requestID: "r2")
        #expect(
            log.lines.withLock { $0 } == [
                "cause=stale fleet_id=north request_id=r1 stale_by_s=301",
                "cause=unknown_fleet request_id=r2",
            ])
        let text = String(decoding: registry.exposition(.prometheus), as: UTF8.self)
        #expect(text.contains("harbor_ingest_refused_total{cause=\"stale\"} 3"))
        #expect(text.contains("harbor_ingest_refused_total{cause=\"unknown_fleet\"} 1"))
        #expect(text.contains("harbor_ingest_refused_total{cause=\"other_fleet\"} 0"))
    }

    @Test func everyCause_isTheSameAnswer() {
        for cause in IngestRefusal.Cause.allCases {
            #expect(ErrorMapping.problem(of: IngestRefusal(cause, staleBySeconds: 9)) == .badSignature)
        }
    }

    /// With dummies the body is hashed as often for no key as for two: the least times differ by the noise alone, and
    /// without them by all.
    @Test func aRefusal_takesAsLongForNoKey_asForTwo() throws {
        let signature = try WebhookSignature(id: "m", timestamp: "1", signature: "v1,AAAA")
        let body = [UInt8](repeating: 1, count: RequestBodies.limit)
        let partner = try #require(PartnerID("acme"))
        let keys = (0..<2).map { PartnerKey(SigningSecret(partnerID: partner, key: [UInt8($0)])) }
        var least = [Int64](repeating: .max, count: 3)
        for _ in 0..<20 {
            for count in 0...2 {
                let start = MonotonicInstant.read()
                #expect(signature.verify(body, with: Array(keys.prefix(count))) == nil)
                least[count] = min(least[count], MonotonicInstant.read().nanoseconds(since: start))
            }
        }
        for count in 0...1 {
            let share = Double(least[count]) / Double(least[2])
            #expect((0.7...1.4).contains(share), "\(count) keys: \(share) of two")
        }
    }

    /// Each waits for a tick of its own.
    @Test func refusalsOneAfterTheOther_takeATickEach() async throws {
        try await WebServer.with { server in
            let client = try RawClient(port: server.port)
            let request =
                "POST /api/v1/fleets/nowhere/fixes HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                + "Content-Length: 2\r\n\r\n{}"
            let start = ContinuousClock.now
            for _ in 0..<5 {
                try await client.send(request)
                #expect(try await client.response().status == 401)
            }
            #expect(ContinuousClock.now - start >= .milliseconds(40))
        }
    }
}

/// Keeps the metadata of each line, by name.
private final class CauseLog: LogHandler, Sendable {
    let lines = Mutex<[String]>([])
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        let members = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted()
        lines.withLock { $0.append(members.joined(separator: " ")) }
    }
}
