internal import Glibc
import Synchronization

/// A value that is split over several places, so that threads rarely change the same place. Two threads that count on
/// one cache line wait for each other at each step, which costs more than the step itself.
///
/// A thread's place follows from its address. The addresses of a pool's threads differ by pages, so threads that were
/// started one after the other get different places. Two threads with the same place are slower, but the sum is right.
struct Stripes<Place: Sendable>: Sendable {
    private static var count: Int { 8 }
    private static var pageBits: UInt { 12 }

    /// All places; the value is their sum.
    let places: [Place]

    init(_ make: () -> Place) {
        places = (0..<Self.count).map { _ in make() }
    }

    /// The calling thread's place.
    var mine: Place {
        places[Int(truncatingIfNeeded: (UInt(pthread_self()) >> Self.pageBits) & UInt(Self.count - 1))]
    }
}

/// A place of an integer. Its padding fills more than a cache line, so that no other place shares the line.
final class IntegerPlace: Sendable {
    let count = Atomic<Int64>(0)
    private let padding = InlineArray<14, UInt64>(repeating: 0)
}

/// A place of a histogram: the number of values in each bucket, and their sum.
final class HistogramPlace: Sendable {
    /// The most buckets of a histogram.
    static let capacity = 32

    let counts = InlineArray<32, Atomic<UInt64>> { _ in Atomic(0) }
    let sum = AtomicDouble()
}
