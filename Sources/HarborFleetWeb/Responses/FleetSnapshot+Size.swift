internal import EventLoops
internal import HarborFleet

extension FleetSnapshot {
    /// So many vehicles are encoded on the loop that is asked. More take it milliseconds, of which others would know.
    static let mostOnLoop = 2_000

    /// Whether it is to be encoded on no loop.
    var isLarge: Bool { vehicles.count > Self.mostOnLoop }

    /// How many large ones are encoded at once: two at least, so that a slow one is in nobody's way.
    static func largeAtOnce(_ loops: [EventLoop]) -> Int { max(loops.count - 1, 2) }

    /// Whether it is of the same stream as another, and no further back.
    func isNotOlder(than other: FleetSnapshot) -> Bool {
        position.epoch == other.position.epoch && position.seq >= other.position.seq
    }
}
