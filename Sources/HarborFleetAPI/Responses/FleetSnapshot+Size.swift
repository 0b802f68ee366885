internal import EventLoops
internal import HarborFleet

extension FleetSnapshot {
    /// A loop itself encodes at most this many vehicles: sorting, encoding and compressing them takes 2 or 3 ms.
    static let mostOnLoop = 1_000

    /// Whether the snapshot must be encoded off the loops.
    var isLarge: Bool { vehicles.count > Self.mostOnLoop }

    /// How many large snapshots are encoded at a time: at least two, so that a slow one does not delay all
    /// others.
    static func largeAtOnce(_ loops: [EventLoop]) -> Int { max(loops.count - 1, 2) }
}
