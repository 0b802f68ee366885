package import HarborFleet
internal import StoreCache
internal import Synchronization

/// Decides when a use must be recorded: once a minute for each key. Bounded: when it is full, the coldest key is
/// dropped, which costs one extra write.
package final class UseThrottle<Key: Hashable & Sendable>: Sendable {
    private let noted: Mutex<BoundedTable<Key, Timestamp>>
    private let interval: Duration

    /// Returns true once per `interval` and key.
    package init(interval: Duration = .seconds(60), maximumKeys: Int = 10_000) {
        self.interval = interval
        noted = Mutex(BoundedTable(capacity: maximumKeys))
    }

    /// Whether a use must be recorded now. The caller is expected to do so.
    package func isDue(_ key: Key, now: Timestamp) -> Bool {
        noted.withLock { noted in
            if let last = noted.use(key), now.since(last) < interval { return false }
            noted[key] = now
            return true
        }
    }
}
