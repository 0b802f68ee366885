internal import EventLoops
internal import HarborFleet

extension FleetSnapshot {
    /// A loop itself encodes up to this many vehicles: sorting, encoding and compressing them takes 2 or 3 ms.
    static let mostOnLoop = 1_000

    /// Whether it is to be encoded on no loop.
    var isLarge: Bool { vehicles.count > Self.mostOnLoop }

    /// How many large ones are encoded at once: two at least, so that a slow one is in nobody's way.
    static func largeAtOnce(_ loops: [EventLoop]) -> Int { max(loops.count - 1, 2) }
}
