import HarborFleet
import Postgres
import Testing

@testable import HarborFleetStorage

@Suite(.timeLimit(.minutes(1))) struct ReceiptTests {
    /// A post that arrives `second` seconds after the bench's now.
    private func post(_ second: Int, by partner: String = "acme", to fleet: FleetID = StorageBench.north)
        throws
        -> PendingPost
    {
        let time = StorageBench.now.advanced(by: .seconds(second))
        return PendingPost(
            postID: .make(at: time), fleetID: fleet, partnerID: PartnerID(partner),
            webhookID: "msg_\(second)",
            receivedAt: time, bodyBytes: 100, bodyHash: [0x0A, 0xFF], fixes: [try fix("a", second)])
    }

    @Test func receipts_reportEachPost_newestFirst() async throws {
        try await StorageBench.with { bench in
            let posts = try (0..<3).map { try post($0) }
            _ = try await bench.fixes.record(posts)
            let list = try await ReceiptList(pool: bench.pool).newest(2)
            #expect(
                list
                    == posts.reversed().prefix(2).map { post in
                        Receipt(
                            postID: post.postID, fleetID: StorageBench.north, partnerID: "acme",
                            webhookID: post.webhookID, receivedAt: post.receivedAt, bodyBytes: 100,
                            bodyHash: "0aff",
                            accepted: 1, duplicates: 0)
                    })
        }
    }

    @Test func receipts_areFilteredByFleetPartnerAndTime() async throws {
        try await StorageBench.with { bench in
            let south = fleetID("south")
            try await bench.fleets.add(Fleet(id: south, name: "South"))
            _ = try await bench.fixes.record([
                try post(0), try post(1, by: "other"), try post(2, to: south), try post(3),
            ])
            let list = ReceiptList(pool: bench.pool)
            let north = try await list.newest(10, .init(fleetID: StorageBench.north))
            #expect(north.map(\.webhookID) == ["msg_3", "msg_1", "msg_0"])
            let other = try await list.newest(10, .init(partnerID: PartnerID("other")))
            #expect(other.map(\.webhookID) == ["msg_1"])
            let since = StorageBench.now.advanced(by: .seconds(2))
            let late = try await list.newest(10, .init(since: since))
            #expect(late.map(\.webhookID) == ["msg_3", "msg_2"])
            let lateNorth = try await list.newest(10, .init(fleetID: StorageBench.north, since: since))
            #expect(lateNorth.map(\.webhookID) == ["msg_3"])
            try await bench.fleets.removeFleet(south)
            let gone = try await list.newest(10, .init(fleetID: south))
            #expect(gone.isEmpty)
            let all = try await list.newest(10)
            #expect(all.count == 4)
        }
    }

    @Test func oldReceipts_areDeletedAFewAtATime() async throws {
        try await StorageBench.with { bench in
            _ = try await bench.fixes.record(try (0..<6).map { try post($0) })
            let sweeper = ReceiptSweeper(pool: bench.pool)
            let time = StorageBench.now.advanced(by: .seconds(5))
            var deleted: [Int] = []
            for _ in 0..<4 { deleted.append(try await sweeper.delete(before: time, limit: 2)) }
            #expect(deleted == [2, 2, 1, 0])
            let left = try await bench.text("SELECT string_agg(webhook_id, ',') FROM receipts")
            #expect(left == "msg_5")
        }
    }

    @Test func sweep_doesNotWaitForALockedReceipt() async throws {
        try await StorageBench.with { bench in
            _ = try await bench.fixes.record(try (0..<3).map { try post($0) })
            try await bench.recorder.transaction { connection in
                _ = try await connection.query("SELECT 1 FROM receipts WHERE webhook_id = 'msg_1' FOR UPDATE")
                let deleted = try await ReceiptSweeper(pool: bench.pool).delete(
                    before: StorageBench.now.advanced(by: .seconds(60)))
                #expect(deleted == 2)
            }
        }
    }
}
