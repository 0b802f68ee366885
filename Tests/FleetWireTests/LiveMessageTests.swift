import HarborFleetTesting
import Testing

@testable import FleetWire
@testable import HarborFleet

@Suite struct LiveMessageTests {
    @Test func status_isByteExact() throws {
        var state = TrackerState(
            fleetID: try Samples.fleet(), epoch: "m3x9k2", generation: 1, rules: MotionRules(),
            now: Samples.now)
        var full = try Samples.fix(at: 1, lat: 53.5413, lng: 9.9842, speed: 8.2)
        full.fix.headingDegrees = 271
        full.fix.altitudeMeters = 6.1
        full.fix.accuracyMeters = 4
        full.fix.attributes = Array(#"{"battery_pct":81}"#.utf8)
        let events = state.fixesReceived([full, try Samples.fix("bus-1", at: 1)], now: Samples.time(1.5))
        let van =
            #""vehicle_id":"van-7","state":"moving","lat":53.5413,"lng":9.9842,"speed_mps":8.2,"heading_deg":271.0,"#
            + #""altitude_m":6.1,"accuracy_m":4.0,"recorded_at":"2026-11-20T17:00:01.000Z","#
            + #""received_at":"2026-11-20T17:00:01.000Z","attributes":{"battery_pct":81}"#
        let bus =
            #""vehicle_id":"bus-1","state":"idle","lat":53.5,"lng":9.9,"recorded_at":"2026-11-20T17:00:01.000Z","#
            + #""received_at":"2026-11-20T17:00:01.000Z""#
        let status =
            #""fleet_id":"harbor-north","epoch":"m3x9k2","seq":2,"as_of":"2026-11-20T17:00:01.500Z","#
            + #""counts":{"moving":1,"idle":1,"offline":0},"vehicles":[{\#(bus)},{\#(van)}]}"#
        #expect(text(state.snapshot.encodeStatus()) == "{" + status)
        #expect(
            text(state.snapshot.encodeLiveSnapshot()) == #"{"type":"snapshot","recovered":false,"# + status)
        #expect(
            text(events[0].json) == #"{"type":"position","seq":1,"fleet_id":"harbor-north",\#(van)}"#)
    }

    @Test func receipt_isByteExact() {
        let rejected = RejectedFix(
            ordinal: 3, errors: [FieldError(pointer: "/fixes/3/lat", detail: "must be a \"number\"")])
        let receipt = IngestReceipt(
            postID: PostID(high: 0, low: 0), accepted: 2, duplicates: 1, rejected: [rejected],
            ignored: ["speed", "x"])
        #expect(
            text(receipt.encode())
                == #"{"accepted":2,"duplicates":1,"rejected":[{"pointer":"/fixes/3","errors":[{"pointer":"/fixes/3/lat","#
                + #""detail":"must be a \"number\""}]}],"ignored":["speed","x"]}"#)
    }

    @Test(arguments: [("e1:7", "e1", 7), ("_a-Z9:0", "_a-Z9", 0)] as [(String, String, UInt64)])
    func streamPosition_isReadFromEpochAndSeq(text: String, epoch: String, seq: UInt64) {
        #expect(StreamPosition(text) == StreamPosition(epoch: epoch, seq: seq))
    }

    @Test func postID_isAVersion7UUID() {
        var generator = SeededGenerator(seed: 6)
        let id = PostID.make(at: Timestamp(milliseconds: 0x0123_4567_89AB), using: &generator)
        #expect(id.description.hasPrefix("01234567-89ab-7"))
        #expect(id.bytes.count == 16 && id.bytes[8] & 0xC0 == 0x80)
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// Texts that are no position in a live stream.
@Suite struct StreamPositionRefusalTests {
    @Test(arguments: [
        "", ":", "e1", "e1:", ":7", "e1:+7", "e1:-1", "e1:7x", "e1:99999999999999999999", "a:b:0", "e 1:7",
        "\u{E9}:7", "\(String(repeating: "e", count: 65)):7", "e1:\u{0661}", "e1: 7",
    ])
    func streamPosition_isNil_whenTheTextIsNotAPosition(text: String) {
        #expect(StreamPosition(text) == nil)
    }
}
