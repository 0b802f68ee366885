import HarborFleet
import Synchronization

/// The system's time, moved on by what a test says.
final class ShiftedClock: WallClock {
    private let shift = Mutex(Duration.zero)

    func now() -> Timestamp { SystemWallClock().now().advanced(by: shift.withLock { $0 }) }

    func advance(by duration: Duration) { shift.withLock { $0 += duration } }
}
