internal import DequeModule
internal import StoreCache
package import Supervision
import Synchronization
internal import Telemetry

/// Makes POSTs durable, many in one transaction (group commit).
///
/// A POST first reserves room (`admit`); only then may its fixes be shown. Each writer takes everything that
/// arrived while the previous transactions were in progress, up to the size of a batch (a `Unit`), so no POST waits
/// for a batch to fill.
///
/// Overflow policy: refuse the POST and count it. A POST that has waited too long, in the queue or in a batch, is
/// refused too. The client may send a refused POST again like any other.
package final class FixRecorder: Sendable {
    typealias Waiter = CheckedContinuation<Result<PostOutcome, FleetError>, Never>
    typealias State = RecorderState<Waiter>

    private let store: any FixStore
    private let clock: any SupervisionClock
    private let configuration: RecorderConfiguration
    private let metrics = FleetMetrics()
    let state: Mutex<State>
    /// One signal for each writer: POSTs are waiting.
    private let wakeUps: [Signal]
    /// Raised when the watch must look for overdue POSTs earlier than it planned.
    private let watchWakeUp = Signal()

    package init(
        store: any FixStore, configuration: RecorderConfiguration = RecorderConfiguration(),
        clock: any SupervisionClock = SystemSupervisionClock()
    ) {
        self.store = store
        self.clock = clock
        self.configuration = configuration
        state = Mutex(State(configuration))
        wakeUps = (0..<max(configuration.unitsInFlight, 1)).map { _ in Signal() }
    }

    /// Writes until the task is cancelled. Then every POST in the queue is refused with the advice to retry.
    package func run(onReady: @Sendable () -> Void = {}) async throws {
        let number = state.withLock { $0.started() }
        defer { giveUp(number) }
        onReady()
        await withTaskGroup(of: Void.self) { group in
            for writer in wakeUps.indices { group.addTask { await self.write(as: writer) } }
            group.addTask { await self.watchAges() }
        }
    }

    /// The recorder as a service of the server.
    /// - Parameter executor: the executor on which it runs.
    package func service(on executor: any TaskExecutor) -> Service {
        let child = ChildSpec(id: "recorder") { context in try await self.run(onReady: context.ready) }
        return Service(child.running(on: executor)) {
            $0.gauge(
                "harbor_recorder_rows", Double(self.queuedRows),
                "Fixes admitted to the recorder and not yet written to the database.")
        }
    }

    /// Reserves room for a POST. The room is returned when the admission is released, after `submit` or without it.
    package func admit(_ post: PendingPost) throws(FleetError) -> Admission {
        let now = clock.now()
        let bytes = post.heldBytes
        let refusal = state.withLock { $0.roomWanted(rows: post.fixes.count, bytes: bytes, now: now) }
        guard let refusal else { return Admission(post: post, bytes: bytes, recorder: self) }
        metrics.refused.increment()
        switch refusal {
        case .full: throw .overloaded(retryAfter: configuration.retryAfter)
        case .breakerOpen, .closed: throw unavailable
        }
    }

    /// Returns once the admitted POST is durable, or cannot become durable in time.
    ///
    /// Cancelling the caller has no effect, because the POST may already be in a transaction.
    /// - Parameter deadline: the deadline of the POST, see `deadline`.
    package func submit(
        _ admission: Admission, by deadline: Deadline
    ) async throws(FleetError) -> PostOutcome {
        let result = await withCheckedContinuation { (waiter: Waiter) in
            let entry = State.Entry(post: admission.post, waiter: waiter, deadline: deadline.instant)
            guard let wakeUps = state.withLock({ $0.submitted(entry) }) else {
                return waiter.resume(returning: .failure(unavailable))
            }
            wake(wakeUps)
        }
        // Keeps the room reserved until here, even if the optimiser sees an earlier last use.
        withExtendedLifetime(admission) {}
        return try result.get()
    }

    /// Runs the work that must precede a POST's admission, and cancels it when it leaves too little time for a
    /// transaction.
    ///
    /// All waiting of a POST thus shares one deadline, and fixes of a POST that would be too late are never shown.
    /// - Throws: `.overloaded` as `submit` would later; the error of `body`, which must end when it is cancelled.
    package func inTime<Value: Sendable>(
        by deadline: Deadline, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        if let value = try await deadline.limit(leaving: configuration.shortestUnit, body) { return value }
        metrics.overdue.increment()
        throw FleetError.overloaded(retryAfter: configuration.retryAfter)
    }

    /// The deadline of a POST that arrives now.
    package var deadline: Deadline { Deadline(after: configuration.maximumAge, by: clock) }

    /// The number of fixes that are admitted and not yet durable.
    package var queuedRows: Int { state.withLock { $0.rows } }

    /// Why the store was last unavailable; nil when it has responded since.
    package var storeFailure: StoreFailure? { state.withLock { $0.storeFailure } }

    private var unavailable: FleetError {
        .unavailable(retryAfter: configuration.retryAfter, reason: storeFailure?.error.reason)
    }

    fileprivate func returnRoom(of admission: Admission) {
        state.withLock { $0.roomReturned(rows: admission.post.fixes.count, bytes: admission.bytes) }
    }

    private func wake(_ wakeUps: State.WakeUps) {
        if let writer = wakeUps.writer { self.wakeUps[writer].raise() }
        if wakeUps.watch { watchWakeUp.raise() }
    }

    private func giveUp(_ run: UInt64) {
        for entry in state.withLock({ $0.stopped(run) }) {
            entry.waiter.resume(returning: .failure(unavailable))
        }
    }
}

extension FixRecorder {
    private func write(as writer: Int) async {
        repeat {
            while !Task.isCancelled {
                let unit = state.withLock { $0.takeUnit(for: writer, now: clock.now()) }
                wake(unit.wakeUps)
                refuse(overdue: unit.overdue)
                guard !unit.entries.isEmpty else { break }
                await commit(unit.entries, unit.number)
                wake(state.withLock { $0.unitEnded(unit.number) })
            }
            // A late writer of an abandoned run would otherwise take its successor's place at the signal.
            guard !Task.isCancelled else { return }
        } while await wakeUps[writer].wait()
    }

    /// Refuses overdue POSTs also while no writer looks at the queue, or while a batch takes long.
    private func watchAges() async {
        repeat {
            while let look = state.withLock({ $0.nextLook() }) {
                do { try await clock.sleep(until: look, wokenBy: watchWakeUp) } catch { return }
                let now = clock.now()
                let (overdue, late) = state.withLock { ($0.overdue(now: now), $0.lateInUnits(now: now)) }
                refuse(overdue: overdue)
                metrics.overdue.increment(by: late.count)
                for entry in late { entry.waiter.resume(returning: .failure(unavailable)) }
            }
        } while await watchWakeUp.wait()
    }

    private func refuse(overdue entries: [RecorderState<Waiter>.Entry]) {
        guard !entries.isEmpty else { return }
        metrics.overdue.increment(by: entries.count)
        for entry in entries {
            entry.waiter.resume(returning: .failure(.overloaded(retryAfter: configuration.retryAfter)))
        }
    }

    /// Writes a batch.
    ///
    /// When the store rejects the batch, a single POST may be the cause: each half is tried alone until that POST
    /// is found. When the store is unavailable, the rest fails at once, because it would meet the same outage.
    /// POSTs that were refused meanwhile as overdue are not tried again.
    private func commit(_ unit: [RecorderState<Waiter>.Entry], _ number: UInt64) async {
        var parts = [unit.indices]
        while let whole = parts.popLast() {
            let now = clock.now()
            guard let (part, end) = state.withLock({ $0.worthTrying(whole, of: number, now: now) }) else {
                settle(whole, of: unit, number) { _ in .failure(unavailable) }
                continue
            }
            switch await recorded(unit[part].map(\.post), by: Deadline(at: end, by: clock)) {
            case .success(let outcomes):
                settle(part, of: unit, number) { .success(outcomes[$0 - part.lowerBound]) }
            case .failure(let error) where error.kind == .unavailable:
                let rest = part.lowerBound..<unit.count
                return settle(rest, of: unit, number) { _ in .failure(unavailable) }
            case .failure(let error) where part.count == 1:
                settle(part, of: unit, number) { _ in .failure(FleetError(refusing: error)) }
            case .failure:
                let middle = part.lowerBound + part.count / 2
                parts += [middle..<part.upperBound, part.lowerBound..<middle]
            }
        }
    }

    /// Gives their results to those POSTs of a part of a batch that have none yet, each by its index.
    private func settle(
        _ part: Range<Int>, of unit: [RecorderState<Waiter>.Entry], _ number: UInt64,
        _ result: (Int) -> Result<PostOutcome, FleetError>
    ) {
        for place in state.withLock({ $0.settled(part, of: number) }) {
            unit[place].waiter.resume(returning: result(place))
        }
    }

    private func recorded(
        _ posts: [PendingPost], by deadline: Deadline
    ) async -> Result<[PostOutcome], StoreError> {
        let start = clock.now()
        let result: Result<[PostOutcome], StoreError>
        do throws(StoreError) {
            let outcomes = try await store.record(posts, by: deadline)
            result =
                outcomes.count == posts.count
                ? .success(outcomes)
                : .failure(StoreError(.rejected, detail: "outcomes do not match the posts"))
        } catch {
            result = .failure(error)
        }
        note(result, posts, since: start, until: deadline.instant)
        return result
    }

    private func note(
        _ result: Result<[PostOutcome], StoreError>, _ posts: [PendingPost],
        since start: ContinuousClock.Instant, until end: ContinuousClock.Instant
    ) {
        let now = clock.now()
        metrics.commitDuration.record(duration: start.duration(to: now))
        switch result {
        case .success(let outcomes):
            state.withLock { $0.unitSucceeded() }
            metrics.commitRows.record(posts.reduce(0) { $0 + $1.fixes.count })
            metrics.fixesAccepted.increment(by: outcomes.reduce(0) { $0 + $1.accepted })
            metrics.fixesDuplicate.increment(by: outcomes.reduce(0) { $0 + $1.duplicates })
        case .failure(let error):
            metrics.commitFailures.increment()
            guard error.kind == .unavailable else { return state.withLock { $0.unitSucceeded() } }
            if now >= end, start + configuration.longUnit > end { return }
            for entry in state.withLock({ $0.unitFailed(error, at: now) }) {
                entry.waiter.resume(returning: .failure(unavailable))
            }
        }
    }
}

/// Room for one POST in the recorder's queue. The room is returned when the object is released.
package final class Admission: Sendable {
    let post: PendingPost
    fileprivate let bytes: Int
    private let recorder: FixRecorder

    fileprivate init(post: PendingPost, bytes: Int, recorder: FixRecorder) {
        self.post = post
        self.bytes = bytes
        self.recorder = recorder
    }

    deinit { recorder.returnRoom(of: self) }
}
