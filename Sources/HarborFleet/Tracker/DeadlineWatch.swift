internal import Supervision
import Synchronization

/// Notifies a tracker when its next deadline has come. The watch sleeps until then, or for ever while there is no
/// deadline: an idle fleet costs nothing.
final class DeadlineWatch: Sendable {
    private let state = Mutex(DeadlineWatchState())
    /// Raised when the sleeper would miss the new deadline.
    private let changed = Signal()

    /// Sets the time of the next deadline; nil for none. May be called from any thread.
    func set(_ deadline: Timestamp?, now: Timestamp) {
        let wakes = state.withLock { $0.deadlineSet(deadline, now: now) }
        if wakes { changed.raise() }
    }

    /// Calls `onDue` at every deadline, and again after each interval until a later deadline is set.
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

/// The current deadline, and the one for which the watch sleeps. This state decides; `DeadlineWatch` acts.
struct DeadlineWatchState {
    /// What the watch does next.
    enum Action: Equatable {
        /// The deadline has come.
        case tell
        /// Sleep for this long unless woken; nil means for ever.
        case sleep(Duration?)
    }

    private enum Sleep {
        /// The watch is awake, or has been woken and is about to look.
        case none
        case until(Timestamp)
        case forever
    }

    private var deadline: Timestamp?
    private var sleep = Sleep.none

    /// - Returns: whether to wake the sleeper because it would be late. Also true when the deadline for which it
    ///   sleeps has already come, because the time of day may have been changed meanwhile.
    mutating func deadlineSet(_ deadline: Timestamp?, now: Timestamp) -> Bool {
        self.deadline = deadline
        guard let deadline, sleepsTooLong(for: deadline, now) else { return false }
        sleep = .none
        return true
    }

    /// The watch is awake and asks for its next action.
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
