package import Supervision
internal import Synchronization

/// Measures how recently the caches of a server were known to be up to date with the store.
///
/// The store's revision rises with every change of the data that caches keep. If the revision just read is the one
/// that the caches last learned of, they know everything that was committed before it was requested.
package final class RevisionClock: Sendable {
    /// The maximum age of the last confirmation for which a key that is missing from a complete list counts as
    /// unknown.
    package static let trust: Duration = .seconds(1)

    private struct State {
        /// The last revision that was read, whether or not the caches have loaded what it brought.
        var heard: Int64?
        var confirmedAt: ContinuousClock.Instant?
        var listeners: [@Sendable () -> Void] = []
    }

    private let clock: any SupervisionClock
    private let state = Mutex(State())

    package init(clock: any SupervisionClock = SystemSupervisionClock()) {
        self.clock = clock
    }

    /// Registers `listener` to be called at each change, after the listeners that were registered before.
    package func onChange(_ listener: @escaping @Sendable () -> Void) {
        state.withLock { $0.listeners.append(listener) }
    }

    /// Records that the store was asked for its revision. Calls the listeners of a change before it returns, on the
    /// calling thread, because a switch to another executor could wait for long work there.
    package func heard(_ revision: Int64, askedAt: ContinuousClock.Instant) {
        let isNew = state.withLock { state in
            defer { state.heard = revision }
            return state.heard != revision
        }
        if isNew { changed() }
        confirmed(askedAt: askedAt)
    }

    /// Notifies all listeners that anything may have changed.
    package func changed() {
        for listener in state.withLock({ $0.listeners }) { listener() }
    }

    /// Records that the caches have learned of every change that was committed before `askedAt`.
    package func confirmed(askedAt: ContinuousClock.Instant) {
        state.withLock { $0.confirmedAt = max($0.confirmedAt ?? askedAt, askedAt) }
    }

    /// The time since the caches were last known to be up to date; nil before the first time.
    package var age: Duration? {
        let now = clock.now()
        return state.withLock { $0.confirmedAt }.map { $0.duration(to: now) }
    }

    /// Whether a key that is missing from a complete list may be called unknown.
    package var isFresh: Bool { age.map { $0 < Self.trust } ?? false }
}
