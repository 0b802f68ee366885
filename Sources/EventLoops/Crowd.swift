/// Whether so many events come at once that the loop lets other threads run before it waits for more.
///
/// On a machine whose cores are all taken, those that were just answered ask again meanwhile: one wait then brings many
/// events, and neither the loop nor its clients go to sleep and are woken in between. With few events a turn it would be
/// one more call for each. Benchmarks/README.md has the figures.
struct Crowd {
    /// Events a wait, on the average of the last few, from which on it is worth it.
    private static let large = 4
    /// Parts of an event that the average is kept in.
    private static let scale = 16

    private var average = 0

    var isLarge: Bool { average >= Self.large * Self.scale }

    /// Takes the events of one wait, 0 to 256, into the average.
    mutating func came(_ events: Int) {
        average += (events &* Self.scale &- average) >> 3
    }
}
