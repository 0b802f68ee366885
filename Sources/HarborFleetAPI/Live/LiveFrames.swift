internal import Broadcast
internal import FleetWire
internal import HarborFleet
internal import TextFormats
internal import WebSockets

/// A snapshot as a WebSocket text frame. Encoding one is linear in the number of vehicles.
struct SnapshotFrame: Sendable {
    let snapshot: FleetSnapshot
    let bytes: [UInt8]

    init(_ snapshot: FleetSnapshot) {
        self.snapshot = snapshot
        bytes = LiveFrames.text(snapshot.encodeLiveSnapshot())
    }
}

/// Live events as WebSocket text frames.
final class LiveFrames: Encoding, Sendable {
    /// Frames without compression.
    static let plain = LiveFrames()

    /// The events' frames in one piece.
    func encode(_ events: [LiveEvent]) -> [UInt8] {
        Self.joined(events.lazy.map { ($0, 0) })
    }

    /// The events' frames in one piece, each with `"conflated":k` when `k` events were left out before it.
    static func joined(_ events: some Collection<(event: LiveEvent, conflated: UInt64)>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(events.reduce(0) { $0 + $1.event.json.count + 4 })
        for (event, conflated) in events {
            var json = event.json
            if conflated > 0, json.popLast() != nil { json += Array(",\"conflated\":\(conflated)}".utf8) }
            FrameEncoder.append(.text, payload: json, into: &bytes)
        }
        return bytes
    }

    static func text(_ json: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(json.count + 10)
        FrameEncoder.append(.text, payload: json, into: &bytes)
        return bytes
    }

    /// The first message of a stream that resumes where the client left it, and the events that the client
    /// missed, in one piece.
    static func resumed(_ position: StreamPosition, _ missed: [LiveEvent]) -> [UInt8] {
        var json: [UInt8] = []
        JSONWriter.append(raw: "{\"type\":\"resumed\",\"recovered\":true,\"epoch\":", to: &json)
        JSONWriter.append(position.epoch, to: &json)
        JSONWriter.append(raw: ",\"seq\":", to: &json)
        JSONWriter.append(position.seq, to: &json)
        JSONWriter.append(raw: "}", to: &json)
        return text(json) + plain.encode(missed)
    }
}
