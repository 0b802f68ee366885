import Metrics
import Synchronization

/// A metric that only rises. Hot paths should keep a reference to it: an increment is then one atomic addition.
package final class PrometheusCounter: CounterHandler {
    private let stripes = Stripes { IntegerPlace() }

    init() {}

    /// The current value.
    package var value: Int64 { stripes.places.reduce(0) { $0 &+ $1.count.load(ordering: .relaxed) } }

    /// Adds one.
    package func increment() { stripes.mine.count.wrappingAdd(1, ordering: .relaxed) }

    /// Adds an amount. A negative one is ignored, because a counter must not fall.
    package func increment(by amount: Int64) {
        if amount > 0 { stripes.mine.count.wrappingAdd(amount, ordering: .relaxed) }
    }

    /// Sets the value to 0.
    package func reset() {
        for place in stripes.places { place.count.store(0, ordering: .relaxed) }
    }
}

/// A metric that rises and falls.
package final class PrometheusGauge: MeterHandler, RecorderHandler {
    private let number = AtomicDouble()

    init() {}

    /// The current value.
    package var value: Double { number.value }

    /// Sets the value.
    package func set(_ value: Double) { number.set(value) }

    /// Sets the value.
    package func set(_ value: Int64) { number.set(Double(value)) }

    /// Adds an amount.
    package func increment(by amount: Double) { number.add(amount) }

    /// Subtracts an amount.
    package func decrement(by amount: Double) { number.add(-amount) }

    /// Sets the value, as a recorder that does not aggregate.
    package func record(_ value: Double) { number.set(value) }

    /// Sets the value, as a recorder that does not aggregate.
    package func record(_ value: Int64) { number.set(Double(value)) }
}

/// A metric that counts how many values fell into each bucket. Timers record seconds.
package final class PrometheusHistogram: RecorderHandler, TimerHandler {
    /// The upper bounds of the buckets in ascending order, without infinity.
    let bounds: [Double]
    private let stripes = Stripes { HistogramPlace() }

    /// - Parameter bounds: the upper bounds of the buckets. Bounds beyond the first 31 are ignored.
    init(bounds: [Double]) { self.bounds = Array(bounds.prefix(HistogramPlace.capacity - 1)) }

    /// The sum of all values.
    package var sum: Double { stripes.places.reduce(0) { $0 + $1.sum.value } }

    /// The number of all values.
    package var count: UInt64 { counts.reduce(0, &+) }

    /// The number of values in each bucket, not cumulative. The last bucket is above all bounds.
    package var counts: [UInt64] {
        (0...bounds.count).map { index in
            stripes.places.reduce(0) { $0 &+ $1.counts[index].load(ordering: .relaxed) }
        }
    }

    /// Counts a value. NaN is ignored.
    package func record(_ value: Double) {
        guard !value.isNaN else { return }
        // There are about a dozen bounds, and most values are small. So a linear search that stops early beats a
        // binary one.
        let index = bounds.firstIndex { value <= $0 } ?? bounds.count
        let place = stripes.mine
        place.counts[index].wrappingAdd(1, ordering: .relaxed)
        place.sum.add(value)
    }

    /// Counts a value.
    package func record(_ value: Int64) { record(Double(value)) }

    /// Counts a time, in seconds.
    package func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    /// Counts a time, in seconds.
    package func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        record(Double(seconds) + Double(attoseconds) / 1e18)
    }
}

/// A floating-point number that many threads may change.
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
