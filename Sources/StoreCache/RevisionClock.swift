package import Supervision
internal import Synchronization

/// How far back the caches of a server are certain to know what the store holds.
///
/// The store's revision rises with every change of what caches keep. When it was read and is still the one that the
/// caches were told of, they know everything that was committed before it was asked for.
package final class RevisionClock: Sendable {
    /// What is not in a complete list is unknown for as long as the list is not older than this.
    package static let trust: Duration = .seconds(1)

    private struct State {
        /// The last that was heard of, whether or not the caches have loaded what it brought.
        var heard: Int64?
        var confirmedAt: ContinuousClock.Instant?
        var listeners: [@Sendable () -> Void] = []
    }

    private let clock: any SupervisionClock
    private let state = Mutex(State())

    package init(clock: any SupervisionClock = SystemSupervisionClock()) {
        self.clock = clock
    }

    /// Has `listener` called at each change, after the listeners that came before.
    package func onChange(_ listener: @escaping @Sendable () -> Void) {
        state.withLock { $0.listeners.append(listener) }
    }

    /// The store was asked for its revision. Tells of a change before it returns, on the thread that calls: a hop to another
    /// executor could wait for long work there.
    package func heard(_ revision: Int64, askedAt: ContinuousClock.Instant) {
        let isNew = state.withLock { state in
            defer { state.heard = revision }
            return state.heard != revision
        }
        if isNew { changed() }
        confirmed(askedAt: askedAt)
    }

    /// Tells all listeners that anything may have changed.
    package func changed() {
        for listener in state.withLock({ $0.listeners }) { listener() }
    }

    /// The caches have been told of every change that was committed before `askedAt`.
    package func confirmed(askedAt: ContinuousClock.Instant) {
        state.withLock { $0.confirmedAt = max($0.confirmedAt ?? askedAt, askedAt) }
    }

    /// The time since the caches were last certain; nil before the first time.
    package var age: Duration? {
        let now = clock.now()
        return state.withLock { $0.confirmedAt }.map { $0.duration(to: now) }
    }

    /// Whether what is in no complete list may be called unknown.
    package var isFresh: Bool { age.map { $0 < Self.trust } ?? false }
}
