import HarborFleet
import HarborFleetTesting
import Testing
import WebSockets

/// Live streams of the real server: the order of their messages, and how a subscriber resumes.
@Suite(.serialized, .timeLimit(.minutes(2))) struct LiveTests {
    @Test func subscribers_receiveASnapshotAndThenEverySeq_whileSeveralPartnersPost() async throws {
        let bench = try await LiveBench()
        _ = try await bench.addFleet("north")
        var partners: [APIClient] = []
        for name in ["acme", "bolt", "cargo"] {
            partners.append(try await bench.server.partner(name, of: "north"))
        }
        // The kernel spreads connections over the listeners of the two loops. All eight on one are 1 in 128.
        var subscribers: [LiveClient] = []
        for _ in 0..<8 { subscribers.append(try await bench.subscriber(of: "north")) }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for (partner, api) in partners.enumerated() {
                for connection in 0..<2 {
                    tasks.addTask {
                        let client = try RawClient(port: api.port)
                        for post in 0..<40 {
                            let name = "v\(partner)-\(connection)"
                            let fixes = (0..<3).map { SentFix("\(name)-\($0)", at: post * 100) }
                            let response = try await api.post(
                                fixes: SentFix.body(fixes), to: "north", on: client)
                            #expect(response.status == 202)
                        }
                    }
                }
            }
            // One subscribes in the middle.
            subscribers.append(try await bench.subscriber(of: "north"))
            try await tasks.waitForAll()
        }
        let total: UInt64 = 3 * 2 * 40 * 3
        for subscriber in subscribers {
            try await subscriber.message { $0.seq == total }
            #expect(subscriber.faults == [])
            #expect(subscriber.messages.first?.type == "snapshot")
            #expect(subscriber.messages.first?.recovered == false)
            #expect(subscriber.messages(of: "snapshot").count == 1)
        }
        let first = subscribers[0].changes
        #expect(first.count == Int(total))
        #expect(subscribers.dropLast().allSatisfy { $0.changes == first })
        #expect(subscribers.last.map { first.suffix($0.changes.count) == $0.changes[...] } ?? false)
    }

    @Test func subscriberWithSince_receivesWhatItMissed_orASnapshotWhenThePlaceIsTooOld() async throws {
        let bench = try await LiveBench()
        let api = try await bench.addFleet("north")
        try await api.post([SentFix("a", at: 0), SentFix("b", at: 0)], to: "north")
        let subscriber = try await bench.subscriber(of: "north")
        let start = try #require(try await subscriber.messages(count: 1).first)
        for second in 1...6 { try await api.post([SentFix("a", at: second * 1_000)], to: "north") }
        try await subscriber.messages(count: 7)

        let back = try await bench.subscriber(of: "north", query: "?since=\(start.place)")
        try await back.messages(count: 7)
        #expect(back.messages.first?.type == "resumed")
        #expect(back.messages.first?.recovered == true)
        #expect(back.messages.first?.place == start.place)
        #expect(back.changes == subscriber.changes)
        #expect(back.faults == [])

        let epoch = try #require(start.epoch)
        let missedNothing = try await bench.subscriber(of: "north", query: "?since=\(epoch):8")
        #expect(try await missedNothing.messages(count: 1).first?.type == "resumed")
        // These are more events than the server keeps, so the place is lost.
        for post in 1...3 {
            let fixes = (0..<500).map { SentFix("a", at: 10_000 + post * 10_000 + $0) }
            #expect(try await api.post(fixes, to: "north").status == 202)
        }
        for place in ["another-epoch:3", "\(epoch):99999", start.place] {
            let stale = try await bench.subscriber(of: "north", query: "?since=\(place)")
            #expect(try await stale.messages(count: 1).first?.type == "snapshot", "\(place)")
            #expect(stale.messages.first?.recovered == false)
        }
        // Subscribers that resumed receive what follows without a gap.
        for resumed in [back, missedNothing] { try await resumed.message { $0.seq == 1_508 } }
        #expect(back.faults == [] && missedNothing.faults == [] && subscriber.faults == [])
    }

    @Test func silentVehicle_turnsOffline_inTheStreamAndInTheStatus() async throws {
        let bench = try await LiveBench(environment: ["HARBOR_OFFLINE_AFTER_S": "1"])
        let api = try await bench.addFleet("north")
        let subscriber = try await bench.subscriber(of: "north")
        try await api.post([SentFix("a", at: 0)], to: "north")
        let event = try await subscriber.message { $0.type == "state" }
        #expect(event.vehicleId == "a" && event.state == "offline")
        #expect(subscriber.messages(of: "position").first?.state == "moving")
        #expect(subscriber.faults == [])
        let status = try LiveMessage(try await api.get("/api/v1/fleets/north/status").body)
        #expect(status.vehicles?.map(\.state) == ["offline"])
        #expect(status.seq == event.seq)
        // The next fix ends that.
        try await api.post([SentFix("a", at: 1_000)], to: "north")
        let next = try await subscriber.message { ($0.seq ?? 0) > (event.seq ?? 0) }
        #expect(next.type == "position" && next.state == "moving")
    }

    @Test func subscriberThatStopsReading_isConflated_andDelaysNoOther() async throws {
        let bench = try await LiveBench()
        let api = try await bench.addFleet("north")
        let vehicles = 300
        let slow = try await TestWebSocketClient(
            port: bench.server.publicPort, path: "/api/v1/fleets/north/live", receiveBuffer: 4_096)
        let reader = try await bench.subscriber(of: "north")
        let before = bench.server.residentBytes
        let client = try RawClient(port: api.port)
        for post in 1...200 {
            let fixes = (0..<vehicles).map { SentFix("v\($0)", at: post * 1_000) }
            let response = try await api.post(fixes: SentFix.body(fixes), to: "north", on: client)
            #expect(response.status == 202)
        }
        let total = UInt64(200 * vehicles)
        try await reader.message { $0.seq == total }
        #expect(reader.faults == [])
        #expect(reader.messages.allSatisfy { $0.conflated == nil })
        #expect(reader.messages(of: "snapshot").count == 1)
        // 60,000 events are 12 MB. The fleet and the outbox bound what waits for the slow subscriber.
        #expect(bench.server.residentBytes - before < 48_000_000)

        // It reads again.
        let late = LiveClient(reading: slow)
        try await late.message { $0.seq == total }
        #expect(late.faults == [])
        #expect(late.messages.contains { $0.conflated != nil })
        #expect(late.messages.count < Int(total))
    }
}

extension LiveClient {
    /// The changes in order: `seq vehicle@recorded_at`.
    fileprivate var changes: [String] {
        messages.filter { $0.type == "position" || $0.type == "state" }.map {
            "\($0.seq ?? 0) \($0.vehicleId ?? "")@\($0.recordedAt ?? "")"
        }
    }
}
