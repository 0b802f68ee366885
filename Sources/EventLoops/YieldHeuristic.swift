/// Decides whether a loop yields its processor before it waits again: it does while each wait brings many events.
///
/// On a machine whose cores are all taken, clients that just got their responses send again meanwhile: one wait then
/// brings many events, and neither the loop nor its clients go to sleep and are woken in between. With few events a turn
/// it would be one more call for each. Benchmarks/README.md has the figures.
struct YieldHeuristic {
    /// Events a wait, on the average of the last few, from which on it is worth it.
    private static let manyEvents = 4
    /// Parts of an event that the average is kept in.
    private static let scale = 16

    private var average = 0

    var shouldYield: Bool { average >= Self.manyEvents * Self.scale }

    /// Takes the events of one wait, 0 to 256, into the average.
    mutating func waited(events: Int) {
        average += (events &* Self.scale &- average) >> 3
    }
}
