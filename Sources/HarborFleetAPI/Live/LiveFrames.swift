internal import Endpoint
internal import FleetWire
internal import HarborFleet
internal import TextFormats
internal import WebSockets

/// A snapshot as a WebSocket text frame. Encoding one is linear in the number of vehicles.
struct SnapshotFrame: Sendable {
    let snapshot: FleetSnapshot
    let bytes: SharedBytes

    init(_ snapshot: FleetSnapshot) {
        self.snapshot = snapshot
        bytes = SharedBytes(LiveFrames.text(snapshot.encodeLiveSnapshot()))
    }
}

/// Live events as WebSocket text frames.
enum LiveFrames {
    /// The events' frames in one piece, shared by all subscribers that take them.
    static func joined(_ events: [LiveEvent]) -> SharedBytes {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(events.reduce(0) { $0 + $1.json.count + 4 })
        for event in events { FrameEncoder.append(.text, payload: event.json, into: &bytes) }
        return SharedBytes(bytes)
    }

    /// The events' frames in one piece, each with the number of events that were left out before it.
    static func joined(_ events: [(event: LiveEvent, conflated: UInt64)]) -> SharedBytes {
        var bytes: [UInt8] = []
        for (event, conflated) in events { bytes += frame(event, conflated: conflated) }
        return SharedBytes(bytes)
    }

    /// One event, with `"conflated":k` when `conflated` events were left out before it.
    static func frame(_ event: LiveEvent, conflated: UInt64) -> [UInt8] {
        var json = event.json
        if conflated > 0, json.last == UInt8(ascii: "}") {
            json.removeLast()
            JSONWriter.append(raw: ",\"conflated\":", to: &json)
            JSONWriter.append(conflated, to: &json)
            json.append(UInt8(ascii: "}"))
        }
        return text(json)
    }

    static func text(_ json: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(json.count + 10)
        FrameEncoder.append(.text, payload: json, into: &bytes)
        return bytes
    }

    /// The first message of a stream that goes on where the client left it, and what the client missed, in one
    /// piece.
    static func resumed(_ position: StreamPosition, _ missed: [LiveEvent]) -> SharedBytes {
        SharedBytes(text(resumed(position)) + joined(missed).bytes)
    }

    private static func resumed(_ position: StreamPosition) -> [UInt8] {
        var json: [UInt8] = []
        JSONWriter.append(raw: "{\"type\":\"resumed\",\"recovered\":true,\"epoch\":", to: &json)
        JSONWriter.append(position.epoch, to: &json)
        JSONWriter.append(raw: ",\"seq\":", to: &json)
        JSONWriter.append(position.seq, to: &json)
        JSONWriter.append(raw: "}", to: &json)
        return json
    }
}
