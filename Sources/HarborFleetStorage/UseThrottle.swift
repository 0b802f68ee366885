internal import HarborFleet
internal import Synchronization

/// Says when a use is worth writing down: once a minute for each key. Bounded: when full it starts afresh, which
/// costs a few writes more.
final class UseThrottle<Key: Hashable & Sendable>: Sendable {
    private let noted = Mutex<[Key: Timestamp]>([:])
    private let interval: Duration
    private let maximumKeys: Int

    init(interval: Duration = .seconds(60), maximumKeys: Int = 10_000) {
        self.interval = interval
        self.maximumKeys = maximumKeys
    }

    func isDue(_ key: Key, now: Timestamp) -> Bool {
        noted.withLock { noted in
            if let last = noted[key], now.since(last) < interval { return false }
            if noted.count >= maximumKeys { noted = [:] }
            noted[key] = now
            return true
        }
    }
}
