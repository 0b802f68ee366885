internal import Endpoint
internal import HarborFleet

/// Events that go to all subscribers of a topic together. Touched on its loop only.
final class LiveBatch {
    let events: [LiveEvent]
    /// All their frames in one piece; made when the first subscriber takes them so. Many cannot: a batch that
    /// holds a snapshot is for each to judge.
    private(set) lazy var joined = LiveFrames.joined(events)

    init(_ events: [LiveEvent]) {
        self.events = events
    }
}
