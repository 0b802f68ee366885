internal import Glibc
import Synchronization

/// One value kept in several places, one of which belongs to the thread that changes it: two threads that count on one
/// cache line make each other wait for it at each step, which costs more than the step.
///
/// Threads of one pool lie pages apart, so that those made one after the other get different places. Two that share
/// one are slower, not wrong.
struct Stripes<Place: Sendable>: Sendable {
    private static var count: Int { 8 }
    private static var pageBits: UInt { 12 }

    /// Read it to sum up.
    let places: [Place]

    init(_ make: () -> Place) {
        places = (0..<Self.count).map { _ in make() }
    }

    /// The calling thread's place.
    var mine: Place {
        places[Int(truncatingIfNeeded: (UInt(pthread_self()) >> Self.pageBits) & UInt(Self.count - 1))]
    }
}

/// A place of a whole number. It takes more than a cache line for itself.
final class IntegerPlace: Sendable {
    let count = Atomic<Int64>(0)
    private let padding = InlineArray<14, UInt64>(repeating: 0)
}

/// A place of a histogram: how often values fell under which bound, and their sum.
final class HistogramPlace: Sendable {
    /// Buckets that there is room for.
    static let capacity = 32

    let counts = InlineArray<32, Atomic<UInt64>> { _ in Atomic(0) }
    let sum = AtomicDouble()
}
