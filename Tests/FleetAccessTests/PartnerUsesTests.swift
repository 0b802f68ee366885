import HarborFleetTesting
import StoreCache
import Testing

@testable import FleetAccess
@testable import HarborFleet

@Suite(.timeLimit(.minutes(1))) struct PartnerUsesTests {
    @Test func noteUse_writesOncePerMinuteAndPartner_alsoAfterAFailure() async throws {
        let acme = try #require(PartnerID("acme"))
        let other = try #require(PartnerID("other"))
        let clock = ManualWallClock(Samples.now)
        let (written, tell) = AsyncStream<PartnerID>.makeStream()
        let uses = PartnerUses(store: NotingPartnerStore { tell.yield($0) }, wallClock: clock)
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await uses.run() }
            var seen = written.makeAsyncIterator()
            for _ in 0..<100 { uses.noteUse(of: acme) }
            uses.noteUse(of: other)
            #expect(await seen.next() == acme)
            #expect(await seen.next() == other)
            clock.advance(by: .seconds(59))
            uses.noteUse(of: acme)
            clock.advance(by: .seconds(1))
            uses.noteUse(of: other)
            #expect(await seen.next() == other)
            group.cancelAll()
        }
    }
}

/// Reports each use, and then fails.
private struct NotingPartnerStore: PartnerStore {
    let noted: @Sendable (PartnerID) -> Void

    func noteUse(of id: PartnerID, now: Timestamp) async throws(StoreError) {
        noted(id)
        throw StoreError(.unavailable, detail: "gone")
    }

    func partners() async throws(StoreError) -> [Partner] { [] }
    func signingSecrets(
        for fleetIDs: [FleetID]
    ) async throws(StoreError) -> [FleetID: [SigningSecret]] { [:] }
    func endedSecrets(of fleetID: FleetID) async throws(StoreError) -> [SigningSecret] { [] }
    func add(_ partner: Partner, secret: [UInt8]) async throws(StoreError) {}
    func rotate(
        _ id: PartnerID, secret: [UInt8], oldSecretsExpireAt: Timestamp
    ) async throws(StoreError) -> Int { 0 }
    func revoke(_ id: PartnerID) async throws(StoreError) {}
    func set(_ change: PartnerChange, of id: PartnerID) async throws(StoreError) -> PartnerSettings {
        PartnerSettings()
    }
    func crowdedFleets(of id: PartnerID) async throws(StoreError) -> [FleetID: Int] { [:] }
}
