package import Supervision
internal import Synchronization

/// The one narrow way to the store for keys that may be made up, shared by all caches of a server.
///
/// One batch runs at a time, with a pause behind it, and few keys may wait: `capacity` in all, `share` of one requester.
/// A key for which there is no room is answered from memory, or refused. So strangers, however many, cost the store one
/// short statement per pause, and they never stand in a line that others need.
///
/// Overflow policy: refuse the newest and count it in `refused`.
package final class ColdLane: Sendable {
    package struct Limits: Sendable {
        /// Keys that wait or are being looked up: 64.
        package var capacity = 64
        /// Of these, keys of one requester: 8.
        package var share = 8
        /// Between two batches: 5 ms, so that at most 200 small statements a second are strangers'.
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

    /// Keys that wait or are being looked up.
    package var waiting: Int { state.withLock { $0.shares.taken } }
    /// Keys for which there was no room, since the start: in all, and in their requester's share.
    package var refused: (all: UInt64, share: UInt64) { state.withLock { $0.refused } }

    /// Takes room for one key, to be given back with `release`.
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

    /// Runs `batch` when the lane is free, and keeps the lane for the pause after it; of a caller that was cancelled while
    /// it waited it runs nothing.
    func turn(_ batch: () async -> Void) async {
        await semaphore.acquire()
        guard !Task.isCancelled else { return semaphore.release() }
        await batch()
        guard limits.pause > .zero else { return semaphore.release() }
        // A task of its own, so that neither a caller that goes away nor one in a hurry takes the pause from the store.
        Task { [self] in
            try? await clock.sleep(until: clock.now() + limits.pause)
            semaphore.release()
        }
    }

    /// Runs one look-up that no cache keeps, in the lane.
    /// - Throws: `StoreError` `.unavailable` that `isBusy` when there is no room; what `lookUp` throws.
    package func run<Value: Sendable>(
        for requester: Requester, _ lookUp: () async throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        guard admit(requester) else { throw .noRoom }
        defer { release(requester) }
        var result: Result<Value, StoreError> = .failure(
            StoreError(.unavailable, detail: "the caller has gone"))
        await turn { result = await Result(catching: lookUp) }
        return try result.get()
    }
}

extension StoreError {
    /// There is no room to ask the store for a key that may be made up.
    package static let noRoom = StoreError(.unavailable, detail: "too many look-ups wait", isBusy: true)
}
