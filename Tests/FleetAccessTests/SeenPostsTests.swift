import HarborFleet
import HarborFleetTesting
import Telemetry
import Testing

@testable import FleetAccess

@Suite struct SeenPostsTests {
    private let partner: PartnerID
    private let north: FleetID
    private let south: FleetID

    init() throws {
        partner = try #require(PartnerID("acme"))
        (north, south) = (try #require(FleetID("north")), try #require(FleetID("south")))
    }

    @Test func post_isKnown_untilTheMemoryIsOver() {
        let seen = SeenPosts(memory: .seconds(600))
        func admit(to fleet: FleetID, at seconds: Int64) -> Bool {
            seen.admit(
                id: "msg_1", timestampSeconds: 1_000, bodyHash: [1], of: partner, to: fleet,
                now: Timestamp(milliseconds: seconds * 1_000))
        }
        #expect(admit(to: north, at: 1_000))
        #expect(!admit(to: south, at: 1_600))
        #expect(admit(to: south, at: 1_601))
    }

    @Test func memory_isBounded_andEvictionsAreCounted() throws {
        let registry = PrometheusRegistry()
        let seen = SeenPosts(memory: .seconds(600), limit: 10, factory: registry)
        func admit(_ number: Int, body: UInt8 = 1, of partner: PartnerID, to fleet: FleetID) -> Bool {
            seen.admit(
                id: "msg-\(number)", timestampSeconds: 1_795_194_000 + Int64(number), bodyHash: [body],
                of: partner, to: fleet, now: Samples.now)
        }
        for number in 0..<15 { #expect(admit(number, of: partner, to: north)) }
        let text = String(decoding: registry.exposition(.prometheus), as: UTF8.self)
        #expect(text.contains("harbor_ingest_seen_posts 10"))
        #expect(text.contains("harbor_ingest_seen_evicted_total 5"))
        #expect(!admit(14, of: partner, to: south))
        // The same id of another partner is another POST.
        #expect(admit(14, of: try #require(PartnerID("b")), to: south))
        #expect(admit(14, body: 2, of: partner, to: south))
    }
}
