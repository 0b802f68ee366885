package import HarborFleet
import Synchronization

/// A time of day that stands still until the test moves it.
package final class ManualWallClock: WallClock {
    private let time: Mutex<Timestamp>

    /// A clock that shows `now`.
    package init(_ now: Timestamp) { time = Mutex(now) }

    package func now() -> Timestamp { time.withLock { $0 } }

    /// Moves the time forward.
    package func advance(by duration: Duration) {
        time.withLock { $0 = $0.advanced(by: duration) }
    }
}
