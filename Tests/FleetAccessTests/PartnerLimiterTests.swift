import HarborFleetTesting
import Synchronization
import Testing

@testable import FleetAccess
@testable import HarborFleet

@Suite(.timeLimit(.minutes(1))) struct PartnerLimiterTests {
    private let clock = ManualClock()
    private let limiter: PartnerLimiter

    init() { limiter = PartnerLimiter(clock: clock) }

    private func partner(_ name: String = "acme") throws -> PartnerID { try #require(PartnerID(name)) }

    /// Admits one POST with `fixes` fixes.
    /// - Returns: the charge, or the limit that refused the POST.
    private func post(
        _ fixes: Int, by name: String = "acme", _ limits: PartnerLimits
    ) throws -> Result<RateCharge, RateLimited> {
        let id = try partner(name)
        return Result { () throws(RateLimited) in
            let charge = try limiter.admitRequest(of: id, limits: limits)
            return try limiter.admit(fixes: fixes, charge)
        }
    }

    private func refusal(
        _ fixes: Int, by name: String = "acme", _ limits: PartnerLimits
    ) throws -> RateLimited? {
        switch try post(fixes, by: name, limits) {
        case .success: nil
        case .failure(let error): error
        }
    }

    @Test func partner_isNeverRefusedNorRemembered_withoutALimit() throws {
        for _ in 0..<100 { #expect(try refusal(1_000, .none) == nil) }
        #expect(limiter.count == 0)
    }

    @Test func requests_areHeldToTheirLimit_withAnyNumberOfFixes() throws {
        let limits = PartnerLimits(requestsPerSecond: 2)
        #expect(try refusal(1_000, limits) == nil)
        #expect(try refusal(1, limits) == nil)
        #expect(try refusal(1, limits) == RateLimited(limit: .requests, retryAfter: .milliseconds(500)))
        #expect(try refusal(1, by: "other", limits) == nil)
        clock.advance(by: .milliseconds(500))
        #expect(try refusal(1, limits) == nil)
        #expect(try refusal(1, limits)?.limit == .requests)
    }

    @Test func fixes_areHeldToTheirLimit_andARefusedPostCostsNoRequest() throws {
        let limits = PartnerLimits(fixesPerSecond: 100, requestsPerSecond: 3)
        #expect(try refusal(950, limits) == nil)
        for _ in 0..<10 {
            #expect(try refusal(100, limits) == RateLimited(limit: .fixes, retryAfter: .milliseconds(500)))
        }
        #expect(try refusal(50, limits) == nil)
        #expect(try refusal(0, limits) == nil)
        #expect(try refusal(0, limits)?.limit == .requests)
    }

    @Test func refundedCharge_isNotCounted() throws {
        let limits = PartnerLimits(fixesPerSecond: 10, requestsPerSecond: 1)
        for _ in 0..<5 { limiter.giveBack(try post(1_000, limits).get()) }
        #expect(try refusal(1_000, limits) == nil)
        #expect(try refusal(1, limits)?.limit == .requests)
        clock.advance(by: .seconds(1))
        #expect(try refusal(11, limits) == RateLimited(limit: .fixes, retryAfter: .milliseconds(100)))
        #expect(try refusal(10, limits) == nil)
    }

    @Test func partners_areForgotten_whenTheirBucketsAreFull() throws {
        let limits = PartnerLimits(requestsPerSecond: 1)
        for number in 0..<10_000 {
            #expect(try refusal(1, by: "p\(number)", limits) == nil)
            clock.advance(by: .milliseconds(10))
        }
        // A hundred buckets are not full again yet. Earlier ones were forgotten whenever the number had doubled.
        #expect(limiter.count <= 400)
        limiter.revisionChanged()
        #expect((99...100).contains(limiter.count))
        clock.advance(by: .seconds(1))
        limiter.revisionChanged()
        #expect(limiter.count == 0)
    }

    @Test func threads_getNoMoreThanTheLimitTogether() async throws {
        let limits = PartnerLimits(fixesPerSecond: 2_000, requestsPerSecond: 500)
        let id = try partner()
        let limiter = limiter
        let passed = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<500).reduce(0) { passed, _ in
                        guard let charge = try? limiter.admitRequest(of: id, limits: limits),
                            (try? limiter.admit(fixes: 3, charge)) != nil
                        else { return passed }
                        return passed + 1
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(passed == 500)
    }
}
