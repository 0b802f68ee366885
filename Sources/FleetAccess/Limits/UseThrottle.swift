package import HarborFleet
internal import StoreCache
internal import Synchronization

/// Says when a use is worth writing down: once a minute for each key. Bounded: when it is full the coldest key goes, which
/// costs a write more.
package final class UseThrottle<Key: Hashable & Sendable>: Sendable {
    private let noted: Mutex<BoundedTable<Key, Timestamp>>
    private let interval: Duration

    /// Says yes once per `interval` and key.
    package init(interval: Duration = .seconds(60), maximumKeys: Int = 10_000) {
        self.interval = interval
        noted = Mutex(BoundedTable(capacity: maximumKeys))
    }

    /// Whether a use is worth writing down now; the caller is expected to do so.
    package func isDue(_ key: Key, now: Timestamp) -> Bool {
        noted.withLock { noted in
            if let last = noted.use(key), now.since(last) < interval { return false }
            noted[key] = now
            return true
        }
    }
}
