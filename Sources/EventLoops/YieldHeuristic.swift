/// Decides whether a loop yields its processor before it waits again. It does so while each wait returns many events.
///
/// It helps on a machine whose cores are all busy: while the loop yields, clients that have just got their
/// responses send their next requests. One wait then returns many events, and neither the loop nor its clients have
/// to sleep and be woken. With few events per turn, the yield would only be one more system call.
/// Benchmarks/README.md has the figures.
struct YieldHeuristic {
    /// The average number of events per wait from which on the loop yields.
    private static let manyEvents = 4
    /// The average is kept in fractions of an event: this many make one event.
    private static let scale = 16

    private var average = 0

    var shouldYield: Bool { average >= Self.manyEvents * Self.scale }

    /// Adds one wait to the moving average, in which it counts for one eighth.
    /// - Parameter events: the number of events that the wait returned, 0 to 256.
    mutating func waited(events: Int) {
        average += (events &* Self.scale &- average) >> 3
    }
}
