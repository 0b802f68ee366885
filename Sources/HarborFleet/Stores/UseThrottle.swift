internal import Synchronization

/// Says when a use is worth writing down: once a minute for each key. Bounded: when full it starts afresh, which
/// costs a few writes more.
package final class UseThrottle<Key: Hashable & Sendable>: Sendable {
    private let noted = Mutex<[Key: Timestamp]>([:])
    private let interval: Duration
    private let maximumKeys: Int

    /// Says yes once per `interval` and key.
    package init(interval: Duration = .seconds(60), maximumKeys: Int = 10_000) {
        self.interval = interval
        self.maximumKeys = maximumKeys
    }

    /// Whether a use is worth writing down now; the caller is expected to do so.
    package func isDue(_ key: Key, now: Timestamp) -> Bool {
        noted.withLock { noted in
            if let last = noted[key], now.since(last) < interval { return false }
            if noted.count >= maximumKeys { noted = [:] }
            noted[key] = now
            return true
        }
    }
}
