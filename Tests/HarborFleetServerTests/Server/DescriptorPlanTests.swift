import Testing

@testable import HarborFleetServer

@Suite struct DescriptorPlanTests {
    /// The arguments are limit, loops, pool size, served connections, and connections that get a 503.
    @Test(arguments: [
        (1_024, 2, 4, 852, 64), (1_024, 8, 4, 822, 64), (200, 8, 4, 47, 15), (200, 2, 4, 69, 23),
        (1_048_576, 64, 4, 1_048_094, 64),
    ])
    func publicListener_getsTheRemainingDescriptors(
        _ limit: Int, _ loops: Int, _ pool: Int, _ connections: Int, _ refusals: Int
    ) throws {
        let plan = try DescriptorPlan(limit: limit, loops: loops, poolSize: pool)
        #expect(plan.connections == connections && plan.refusals == refusals)
        // Everything that can be open at a time fits into the limit.
        let own = loops * 5 + 2 + pool + 12 + 40
        let operations = DescriptorPlan.operationsConnections + DescriptorPlan.operationsRefusals
        #expect(own + operations + plan.connections + plan.refusals == limit)
    }

    @Test func shortage_isExplained_whenThereAreTooFewDescriptors() {
        let shortage = #expect(throws: DescriptorShortage.self) {
            try DescriptorPlan(limit: 64, loops: 8, poolSize: 4)
        }
        #expect(
            shortage?.description
                == "this process may open 64 files and needs at least 154 with 8 event loops and 4 database "
                + "connections: raise the limit (ulimit -n), or lower HARBOR_EVENT_LOOPS or "
                + "HARBOR_DATABASE_POOL_SIZE")
    }

    @Test func smallestLimit_isEnough() throws {
        #expect(try DescriptorPlan(limit: 154, loops: 8, poolSize: 4).connections == 12)
        #expect(throws: DescriptorShortage.self) { try DescriptorPlan(limit: 153, loops: 8, poolSize: 4) }
    }
}
