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
    private let state = Mutex(LaneSharesState())
    private let semaphore = AsyncSemaphore(permits: 1)

    package init(limits: Limits = Limits(), clock: any SupervisionClock = SystemSupervisionClock()) {
        self.limits = limits
        self.clock = clock
    }

    /// Keys that wait or are being looked up.
    package var waiting: Int { state.withLock { $0.taken } }
    /// Keys for which there was no room, since the start: in all, and in their requester's share.
    package var refused: (all: UInt64, share: UInt64) {
        state.withLock { ($0.refused, $0.refusedOfShare) }
    }

    /// Takes room for one key, to be given back with `release`.
    package func admit(_ requester: Requester) -> Bool {
        state.withLock { $0.admit(requester, capacity: limits.capacity, share: limits.share) }
    }

    package func release(_ requester: Requester) {
        state.withLock { $0.release(requester) }
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
        await turn {
            do throws(StoreError) { result = .success(try await lookUp()) } catch { result = .failure(error) }
        }
        return try result.get()
    }
}

/// How much room each requester has in a lane. A value: no lock, no clock.
struct LaneSharesState {
    private(set) var taken = 0
    private(set) var refused: UInt64 = 0
    private(set) var refusedOfShare: UInt64 = 0
    /// Of those who have any, so no more than `capacity`.
    private var shares: [Requester: Int] = [:]

    mutating func admit(_ requester: Requester, capacity: Int, share: Int) -> Bool {
        let own = shares[requester] ?? 0
        guard own < share else {
            refusedOfShare &+= 1
            return false
        }
        guard taken < capacity else {
            refused &+= 1
            return false
        }
        taken += 1
        shares[requester] = own + 1
        return true
    }

    mutating func release(_ requester: Requester) {
        guard let own = shares[requester] else { return }
        taken -= 1
        shares[requester] = own > 1 ? own - 1 : nil
    }
}

extension StoreError {
    /// There is no room to ask the store for a key that may be made up.
    package static let noRoom = StoreError(.unavailable, detail: "too many look-ups wait", isBusy: true)
}
