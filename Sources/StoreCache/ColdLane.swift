package import Supervision
internal import Synchronization

/// The only path to the store for keys that may be made up, shared by all caches of a server.
///
/// One batch runs at a time, followed by a pause, and only a few keys may wait: `capacity` in all, `share` of one
/// requester. Without room, a key is decided from memory, or the call is refused. So unauthenticated clients,
/// however many, cost the store one short statement per pause, and they are never in a queue that other callers
/// need.
///
/// Overflow policy: refuse the newest key and count it in `refused`.
package final class ColdLane: Sendable {
    package struct Limits: Sendable {
        /// The maximum number of keys that wait or are being looked up: 64.
        package var capacity = 64
        /// The maximum number of these for one requester: 8.
        package var share = 8
        /// The pause between two batches: 5 ms, so that unauthenticated clients cause at most 200 small statements
        /// a second.
        package var pause: Duration = .milliseconds(5)

        package init() {}
    }

    private let limits: Limits
    private let clock: any SupervisionClock
    private struct State {
        var shares: Shares<Requester>
        var refused: (all: UInt64, share: UInt64) = (0, 0)
    }

    private let state: Mutex<State>
    private let semaphore = AsyncSemaphore(permits: 1)

    package init(limits: Limits = Limits(), clock: any SupervisionClock = SystemSupervisionClock()) {
        self.limits = limits
        self.clock = clock
        state = Mutex(State(shares: Shares(limit: limits.capacity, share: limits.share)))
    }

    /// The number of keys that wait or are being looked up.
    package var waiting: Int { state.withLock { $0.shares.taken } }
    /// The number of keys refused since the start, by cause: the lane was full, or the requester's share was.
    package var refused: (all: UInt64, share: UInt64) { state.withLock { $0.refused } }

    /// Reserves room for one key. The caller must return it with `release`. False when there is no room.
    package func admit(_ requester: Requester) -> Bool {
        state.withLock { state in
            switch state.shares.take(for: requester) {
            case nil: return true
            case .all: state.refused.all &+= 1
            case .one: state.refused.share &+= 1
            }
            return false
        }
    }

    package func release(_ requester: Requester) {
        state.withLock { $0.shares.giveBack(of: requester) }
    }

    /// Runs `batch` when the lane is free, and keeps the lane occupied for the pause after it. Runs nothing when
    /// the caller was cancelled while it waited.
    func turn(_ batch: () async -> Void) async {
        await semaphore.acquire()
        guard !Task.isCancelled else { return semaphore.release() }
        await batch()
        guard limits.pause > .zero else { return semaphore.release() }
        // A separate task, so that the store gets its pause even if the caller is cancelled, and so that the caller
        // need not wait for it.
        Task { [self] in
            try? await clock.sleep(until: clock.now() + limits.pause)
            semaphore.release()
        }
    }

    /// Runs one look-up in the lane whose result no cache keeps.
    /// - Throws: `StoreError` `.unavailable` with `isBusy` when there is no room; the errors of `lookUp`.
    package func run<Value: Sendable>(
        for requester: Requester, _ lookUp: () async throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        guard admit(requester) else { throw .noRoom }
        defer { release(requester) }
        var result: Result<Value, StoreError> = .failure(
            StoreError(.unavailable, detail: "the caller was cancelled"))
        await turn { result = await Result(catching: lookUp) }
        return try result.get()
    }
}

extension StoreError {
    /// There is no room to look up a key that may be made up.
    package static let noRoom = StoreError(
        .unavailable, detail: "too many look-ups are waiting", isBusy: true)
}
