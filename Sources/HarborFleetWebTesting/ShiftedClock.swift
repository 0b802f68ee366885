package import HarborFleet
import Synchronization

/// The system's time, shifted by the test.
package final class ShiftedClock: WallClock {
    private let shift = Mutex(Duration.zero)
    private let asked = Mutex<(@Sendable () -> Void)?>(nil)

    package init() {}

    package func now() -> Timestamp {
        asked.withLock { $0 }?()
        return SystemWallClock().now().advanced(by: shift.withLock { $0 })
    }

    /// Makes `body` run on each thread that reads the time.
    package func whenAsked(_ body: (@Sendable () -> Void)?) { asked.withLock { $0 = body } }

    package func advance(by duration: Duration) { shift.withLock { $0 += duration } }
}
