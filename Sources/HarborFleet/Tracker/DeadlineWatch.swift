internal import Supervision
import Synchronization

/// Tells a tracker when its next deadline has come. It sleeps until then, and for ever while there is none: an idle
/// fleet costs nothing.
final class DeadlineWatch: Sendable {
    private let state = Mutex(DeadlineWatchState())
    /// The deadline is another than the one that is slept for.
    private let changed = Signal()

    /// When something may have to happen next; nil for never. Any thread.
    func set(_ deadline: Timestamp?, now: Timestamp) {
        let wakes = state.withLock { $0.deadlineSet(deadline, now: now) }
        if wakes { changed.raise() }
    }

    /// Calls `onDue` at every deadline, and again each interval until a later one is set.
    func run(_ dependencies: TrackerDependencies, onDue: () -> Void) async throws {
        let clock = dependencies.clock
        while true {
            let now = dependencies.wallClock.now()
            switch state.withLock({ $0.looked(now: now) }) {
            case .tell:
                onDue()
                try await clock.sleep(until: clock.now() + dependencies.configuration.timerInterval)
            case .sleep(let duration):
                try await clock.sleep(until: duration.map { clock.now() + $0 }, wokenBy: changed)
            }
        }
    }
}

/// The deadline and the one that is slept for. Decides; `DeadlineWatch` acts.
struct DeadlineWatchState {
    /// What the watch does next.
    enum Action: Equatable {
        /// The deadline has come.
        case tell
        /// To sleep for so long, nil for ever, unless woken.
        case sleep(Duration?)
    }

    private enum Sleep {
        /// Looks, or has been woken and will look.
        case none
        case until(Timestamp)
        case forever
    }

    private var deadline: Timestamp?
    private var sleep = Sleep.none

    /// - Returns: whether to wake the sleeper, who would be late. Also when the deadline that is slept for has come:
    ///   the time of day may have been set meanwhile.
    mutating func deadlineSet(_ deadline: Timestamp?, now: Timestamp) -> Bool {
        self.deadline = deadline
        guard let deadline, sleepsTooLong(for: deadline, now) else { return false }
        sleep = .none
        return true
    }

    /// The watch is awake and looks.
    mutating func looked(now: Timestamp) -> Action {
        sleep = .none
        guard let deadline else {
            sleep = .forever
            return .sleep(nil)
        }
        guard deadline > now else { return .tell }
        sleep = .until(deadline)
        return .sleep(deadline.since(now))
    }

    private func sleepsTooLong(for deadline: Timestamp, _ now: Timestamp) -> Bool {
        switch sleep {
        case .none: false
        case .until(let moment): deadline < moment || deadline <= now
        case .forever: true
        }
    }
}
