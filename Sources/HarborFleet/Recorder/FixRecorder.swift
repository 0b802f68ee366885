internal import DequeModule
internal import StoreCache
package import Supervision
import Synchronization
internal import Telemetry

/// Makes POSTs durable, many in one transaction (group commit).
///
/// A POST reserves room first (`admit`); only then may anyone be shown its fixes. Each of the writers takes
/// all that arrived while the last transactions were under way, up to the size of a unit, so nothing is
/// delayed for the sake of a larger unit. Overflow policy: refuse the POST, and count it; one that has waited for
/// too long, in the queue or in a unit, is refused too, and may be sent again like any other.
package final class FixRecorder: Sendable {
    typealias Waiter = CheckedContinuation<Result<PostOutcome, FleetError>, Never>
    typealias State = RecorderState<Waiter>

    private let store: any FixStore
    private let clock: any SupervisionClock
    private let configuration: RecorderConfiguration
    private let metrics = FleetMetrics()
    let state: Mutex<State>
    /// One for each writer: POSTs wait.
    private let wakeUps: [Signal]
    /// From now on a POST may wait for too long.
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

    /// Writes until the task is cancelled; then what waits is told to come again.
    package func run(onReady: @Sendable () -> Void = {}) async throws {
        let number = state.withLock { $0.started() }
        defer { giveUp(number) }
        onReady()
        await withTaskGroup(of: Void.self) { group in
            for writer in wakeUps.indices { group.addTask { await self.write(as: writer) } }
            group.addTask { await self.watchAges() }
        }
    }

    /// The recorder as a part of a server.
    /// - Parameter executor: where it runs.
    package func service(on executor: any TaskExecutor) -> Service {
        let child = ChildSpec(id: "recorder") { context in try await self.run(onReady: context.ready) }
        return Service(child.running(on: executor)) {
            $0.gauge("harbor_recorder_rows", Double(self.queuedRows), "Fixes admitted and not yet durable.")
        }
    }

    /// Reserves room for a POST; given back when the admission is submitted and decided, or let go.
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

    /// Returns once the admitted POST is durable, or cannot be in time.
    ///
    /// Cancelling the caller changes nothing: the POST may be on its way already.
    /// - Parameter deadline: of the POST, see `deadline`.
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
        // The room is taken until here, whatever the optimiser thinks of the last use.
        withExtendedLifetime(admission) {}
        return try result.get()
    }

    /// Runs what a POST has to wait for before it is admitted, and cancels it when it leaves no time for a transaction.
    ///
    /// So all that a POST waits for shares one time, and nobody is shown fixes of one that comes too late.
    /// - Throws: `.overloaded` as `submit` would then; what `body` throws, which has to end when it is cancelled.
    package func inTime<Value: Sendable>(
        by deadline: Deadline, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        if let value = try await deadline.limit(leaving: configuration.shortestUnit, body) { return value }
        metrics.overdue.increment()
        throw FleetError.overloaded(retryAfter: configuration.retryAfter)
    }

    /// The deadline of a POST that comes now.
    package var deadline: Deadline { Deadline(after: configuration.maximumAge, by: clock) }

    /// How many fixes are admitted and not yet durable.
    package var queuedRows: Int { state.withLock { $0.rows } }

    /// Why the store could last not be used; nil when it has taken fixes since.
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
            // A writer of an abandoned run, which comes late, would displace its successor at the signal.
            guard !Task.isCancelled else { return }
        } while await wakeUps[writer].wait()
    }

    /// Answers who waits for too long also while no writer comes to look, or a unit takes long.
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

    /// Writes a unit. When the store refuses it, one POST of it may be to blame: each half is tried alone, until it is
    /// found. When the store is away, the rest would only find the same. Who got his answer meanwhile, having waited
    /// for too long, is not tried again.
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

    /// Tells those of a part of a unit that have no result yet theirs, each by its place.
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

/// Room for one POST in the recorder's queue. Gives it back when it is let go.
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
