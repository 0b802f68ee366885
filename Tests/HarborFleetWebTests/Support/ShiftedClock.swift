import HarborFleet
import Synchronization

/// The system's time, moved on by what a test says.
final class ShiftedClock: WallClock {
    private let shift = Mutex(Duration.zero)
    private let asked = Mutex<(@Sendable () -> Void)?>(nil)

    func now() -> Timestamp {
        asked.withLock { $0 }?()
        return SystemWallClock().now().advanced(by: shift.withLock { $0 })
    }

    /// Has `body` called on each thread that asks for the time.
    func whenAsked(_ body: (@Sendable () -> Void)?) { asked.withLock { $0 = body } }

    func advance(by duration: Duration) { shift.withLock { $0 += duration } }
}
