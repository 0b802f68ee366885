import Metrics
import Synchronization

/// A number that only rises. Hold it directly on hot paths: an increment is one atomic addition.
package final class PrometheusCounter: CounterHandler {
    private let stripes = Stripes { IntegerPlace() }

    init() {}

    /// The present value.
    package var value: Int64 { stripes.places.reduce(0) { $0 &+ $1.count.load(ordering: .relaxed) } }

    /// Adds one.
    package func increment() { stripes.mine.count.wrappingAdd(1, ordering: .relaxed) }

    /// Adds an amount; a negative one is ignored, since a counter never falls.
    package func increment(by amount: Int64) {
        if amount > 0 { stripes.mine.count.wrappingAdd(amount, ordering: .relaxed) }
    }

    /// Begins with 0 again.
    package func reset() {
        for place in stripes.places { place.count.store(0, ordering: .relaxed) }
    }
}

/// A number that rises and falls.
package final class PrometheusGauge: MeterHandler, RecorderHandler {
    private let number = AtomicDouble()

    init() {}

    /// The present value.
    package var value: Double { number.value }

    /// Takes a value.
    package func set(_ value: Double) { number.set(value) }

    /// Takes a value.
    package func set(_ value: Int64) { number.set(Double(value)) }

    /// Adds an amount.
    package func increment(by amount: Double) { number.add(amount) }

    /// Takes an amount away.
    package func decrement(by amount: Double) { number.add(-amount) }

    /// As a recorder that does not aggregate: the last value counts.
    package func record(_ value: Double) { number.set(value) }

    /// As a recorder that does not aggregate: the last value counts.
    package func record(_ value: Int64) { number.set(Double(value)) }
}

/// How often values fell under given bounds. Timers record seconds.
package final class PrometheusHistogram: RecorderHandler, TimerHandler {
    /// Upper bounds, rising, without infinity.
    let bounds: [Double]
    private let stripes = Stripes { HistogramPlace() }

    /// - Parameter bounds: more than `HistogramPlace` has room for are not taken.
    init(bounds: [Double]) { self.bounds = Array(bounds.prefix(HistogramPlace.capacity - 1)) }

    /// The sum of all values.
    package var sum: Double { stripes.places.reduce(0) { $0 + $1.sum.value } }

    /// How many values there were.
    package var count: UInt64 { counts.reduce(0, &+) }

    /// How many values fell into each bucket, not cumulative; the last is above all bounds.
    package var counts: [UInt64] {
        (0...bounds.count).map { index in
            stripes.places.reduce(0) { $0 &+ $1.counts[index].load(ordering: .relaxed) }
        }
    }

    /// Counts a value; what is no number is ignored.
    package func record(_ value: Double) {
        guard !value.isNaN else { return }
        // A dozen bounds: a linear search that stops early beats a binary one for the small values that prevail.
        let index = bounds.firstIndex { value <= $0 } ?? bounds.count
        let place = stripes.mine
        place.counts[index].wrappingAdd(1, ordering: .relaxed)
        place.sum.add(value)
    }

    /// Counts a value.
    package func record(_ value: Int64) { record(Double(value)) }

    /// Counts a time, as seconds.
    package func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    /// Counts a time, as seconds.
    package func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        record(Double(seconds) + Double(attoseconds) / 1e18)
    }
}

/// A number that many threads change.
final class AtomicDouble: Sendable {
    private let bits = Atomic<UInt64>(0)

    var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    func add(_ amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let (isExchanged, original) = bits.weakCompareExchange(
                expected: old, desired: new, ordering: .relaxed)
            if isExchanged { return }
            old = original
        }
    }
}
