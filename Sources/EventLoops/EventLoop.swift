internal import Dispatch
internal import Glibc
internal import Processes
internal import Synchronization

/// An event loop: it waits for events of descriptors, timers and submitted work, and handles them one after the other
/// on one thread. It runs as one endless block on a serial queue of its own. One iteration is called a turn.
///
/// A connection belongs to one loop and is touched on no other, so its state needs no locks. Actors and tasks can run
/// on a loop, too, see `EventLoop+Executor.swift`.
///
///     let loop = try EventLoop(label: "harbor.loop.0")
///     loop.start()
///     loop.execute { print("on the loop") }
///     await loop.stop()
///
/// `@unchecked Sendable`: everything below "Loop only" is touched only on the loop's thread, or after the loop's end by
/// work on its queue. The methods that touch it check this. Everything that other threads touch is in `submissions`, a
/// Mutex, or atomic.
public final class EventLoop: @unchecked Sendable {
    /// The length of a timer tick. A timer may fire late by up to this, but never early.
    package static let tick: Duration = .milliseconds(8)
    static let tickNanoseconds: UInt64 = 8_000_000

    @usableFromInline package let label: String
    /// The queue targets a root queue of its own. On a global queue, the endless block would occupy one of the threads
    /// that Swift's tasks run on.
    private let queue: DispatchQueue
    private let processor: Int?
    let submissions = Mutex(Submissions())
    private let thread = Atomic<UInt>(0)
    private let poller: any Poller

    // Loop only. The fields that every turn changes have no run-time check for exclusive access: only one
    // thread touches them, and accesses cannot overlap, because handlers and actions are taken out of them
    // before they are called.
    @safe @exclusivity(unchecked) private var watches = WatchTable()
    @safe @exclusivity(unchecked) private var wheel: TimerWheel
    @safe @exclusivity(unchecked) private var instants = InstantQueue()
    @safe @exclusivity(unchecked) private var turnEnd: [() -> Void] = []
    @safe @exclusivity(unchecked) private var meter: TurnMeter
    private var running = false
    private var yielding = YieldHeuristic()
    private var time: LoopTime
    /// The time at which the current turn began.
    package var now: MonotonicInstant { time.now }
    /// The clock for the deadlines of peers: `now` without the time in which the loop could not hear them, see
    /// `LoopTime`. Its instants must not be mixed with those of `now`; `instant(ofPeerTime:)` converts them.
    package var peerNow: MonotonicInstant { time.peerNow }
    /// The loop's shared read buffer, 64 KiB.
    package let readBuffer = ReadBuffer()

    /// The histogram of the turns' CPU time.
    package let turnTimes = TurnTimes()
    private let longTurn: LongTurnObserver?

    /// Called with each turn that held up its loop. It runs on that loop and must not block.
    package typealias LongTurnObserver = @Sendable (LongTurn) -> Void

    /// Makes the loop; `start` makes it run.
    /// - Parameters:
    ///   - processor: the number of the only processor that the loop may run on, see `ProcessorAffinity`; nil for any.
    ///   - poller: the loop's poller; nil for a new `Epoll`.
    ///   - longTurn: called with each turn of more than `LongTurn.leastNanoseconds` of CPU time.
    package init(
        label: String, processor: Int? = nil, poller: (any Poller)? = nil, longTurn: LongTurnObserver? = nil
    ) throws(EventLoopError) {
        self.label = label
        self.processor = processor
        self.longTurn = longTurn
        queue = DispatchQueue(label: label, target: DispatchQueue(label: label + ".root"))
        self.poller = if let poller { poller } else { try Epoll() }
        let now = self.poller.readClock()
        time = LoopTime(now: now)
        meter = TurnMeter(now: now)
        wheel = TimerWheel(current: now.nanoseconds / Self.tickNanoseconds)
    }

    /// Whether the caller runs on this loop's thread.
    @usableFromInline package var isCurrent: Bool {
        thread.load(ordering: .relaxed) == UInt(pthread_self())
    }

    /// Starts the endless block. Call it once.
    package func start() {
        queue.async { self.run() }
    }

    /// Ends the loop after the work submitted so far, and returns when it has ended. The loop must have been started.
    /// Everything on the loop must be ended before: the remaining watches and timers are dropped, and their descriptors
    /// are not closed.
    package func stop() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let ended = submissions.withLock { $0.stop(continuation) }
            if ended { queue.async { continuation.resume() } } else { poller.wake() }
        }
    }

    /// Runs `work` on the loop, in the order of submission. It may be called from any thread.
    ///
    /// Work and tasks that are submitted after the loop's end still run on its queue, in the same order, so that no
    /// caller waits for them for ever. Watches and timers that they make are dropped at once.
    package func execute(_ work: @escaping @Sendable () -> Void) {
        submit(.work(work))
    }

    func submit(_ submission: Submission) {
        switch submissions.withLock({ $0.append(submission) }) {
        case .taken: break
        case .wakes: poller.wake()
        case .late: queue.async { self.performLate(submission) }
        }
    }

    // MARK: Loop only

    /// Watches a descriptor. `handler` is called in each turn in which it is ready, or with `.edges` each time it
    /// becomes ready. The caller still owns the descriptor, and must cancel the watch before closing it.
    package func watch(
        _ fileDescriptor: CInt, for interest: Interest, _ handler: @escaping (Readiness) -> Void
    ) throws(EventLoopError) -> Watch {
        checkCurrent()
        let token = watches.reserve()
        do {
            try poller.add(fileDescriptor, interest, token: token)
        } catch {
            _ = watches.release(token)
            throw error
        }
        let watch = Watch(fileDescriptor, interest, token: token, loop: self, handler: handler)
        watches.insert(watch)
        return watch
    }

    /// Reads the clock. `now` costs less.
    package func readClock() -> MonotonicInstant { poller.readClock() }

    /// Runs `action` once, `duration` from now or up to a tick later, unless the timer is cancelled before.
    @discardableResult
    package func schedule(after duration: Duration, _ action: @escaping () -> Void) -> ScheduledTimer {
        schedule(at: readClock().advanced(by: duration), action)
    }

    /// Runs `action` once, at `due` or up to a tick later, unless the timer is cancelled before.
    @discardableResult
    package func schedule(at due: MonotonicInstant, _ action: @escaping () -> Void) -> ScheduledTimer {
        checkCurrent()
        let tick = due.nanoseconds / Self.tickNanoseconds &+ 1
        let timer = ScheduledTimer(tick: tick, loop: self, action: action)
        wheel.insert(timer)
        return timer
    }

    /// Runs `action` once, at `due` or up to a millisecond later, which is the precision of epoll's wait. It is for
    /// instants whose exact time matters. It cannot be cancelled, and it is cheap only if the instants are scheduled
    /// in their order.
    package func schedule(exactlyAt due: MonotonicInstant, _ action: @escaping () -> Void) {
        checkCurrent()
        instants.insert(action, at: due)
    }

    /// The instant at which `peerNow` will be `instant`. If the loop is late again before that, the result
    /// is too early.
    package func instant(ofPeerTime instant: MonotonicInstant) -> MonotonicInstant {
        time.instant(ofPeerTime: instant)
    }

    /// Runs `action` after this turn's events and submissions, such as to send the output of a turn at once. An
    /// action that is added while these actions run waits for the end of the next turn, which then follows
    /// without a wait.
    package func atEndOfTurn(_ action: @escaping () -> Void) {
        checkCurrent()
        turnEnd.append(action)
    }

    /// Names the work that this turn is about to do. The report of a long turn has the last name.
    package func begins(_ work: TurnWork) {
        meter.begins(work)
    }

    func update(_ watch: Watch) {
        checkCurrent()
        guard watches[watch.token] === watch else { return }
        // This fails only if the descriptor was closed before its watch. That is a bug of ours; its owner will get an
        // error from its next call.
        try? poller.modify(watch.fileDescriptor, watch.interest, token: watch.token)
    }

    func cancel(_ watch: Watch) {
        checkCurrent()
        guard watches.release(watch.token) else { return }
        poller.remove(watch.fileDescriptor)
    }

    func forget(_ watch: Watch) {
        checkCurrent()
        _ = watches.release(watch.token)
    }

    func cancel(_ timer: ScheduledTimer) {
        checkCurrent()
        wheel.cancel(timer)
    }

    func checkCurrent() {
        precondition(isCurrent || !running, "\(label) is touched off its thread")
    }

    // MARK: The loop

    private func run() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        // A thread inherits the affinity of the thread that starts it, which may be that of a bound loop.
        if let processor { ProcessorAffinity.bind(to: processor) } else { ProcessorAffinity.release() }
        running = true
        var batch: [Submission] = []
        while true {
            poll()
            fireTimers()
            submissions.withLock { $0.take(into: &batch) }
            perform(&batch)
            endTurn()
            measureTurn()
            guard turnEnd.isEmpty, let stops = submissions.withLock({ $0.end() }) else { continue }
            forgetAll()
            running = false
            thread.store(0, ordering: .relaxed)
            ProcessorAffinity.release()
            return stops.forEach { $0.resume() }
        }
    }

    private func measureTurn() {
        let taken = meter.ended(now: readClock(), CPUClock.nanoseconds)
        turnTimes.count(taken.cpu)
        if taken.cpu > LongTurn.leastNanoseconds, let longTurn {
            longTurn(
                LongTurn(
                    loop: label, cpuNanoseconds: taken.cpu, elapsedNanoseconds: taken.elapsed,
                    work: taken.work))
        }
    }

    private func forgetAll() {
        watches.removeAll()
        wheel.removeAll()
        instants = InstantQueue()
    }

    private func performLate(_ submission: Submission) {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        turnBegan(at: readClock(), afterWaiting: -1)
        perform(submission)
        while !turnEnd.isEmpty { endTurn() }
        forgetAll()
        thread.store(0, ordering: .relaxed)
    }

    private func poll() {
        let busy = submissions.withLock { $0.sleepIfIdle() }
        do {
            // Actions left for the end of this turn would not end a wait, so there must be none.
            let mayWait = !busy && turnEnd.isEmpty
            if mayWait, yielding.shouldYield { sched_yield() }
            let milliseconds = mayWait ? waitMilliseconds() : 0
            let count = try poller.wait(milliseconds: milliseconds)
            yielding.waited(events: count)
            // Mark the loop as awake before the handlers run: work that they submit runs in this turn,
            // without a wake-up.
            submissions.withLock { $0.wake() }
            // Read the clock again, because the wait may have been long.
            let now = readClock()
            turnBegan(at: now, afterWaiting: milliseconds)
            meter.began(now: now, CPUClock.nanoseconds)
            for index in 0..<count {
                let (token, readiness) = poller.event(index)
                watches[token]?.handler?(readiness)
            }
        } catch {
            // The wait fails only due to a bug of ours (EBADF, EINVAL). A loop that cannot wait cannot serve.
            preconditionFailure("\(label): \(error)")
        }
    }

    /// Changes a copy of the time and stores it, so that no run-time check for exclusive access is needed.
    private func turnBegan(at instant: MonotonicInstant, afterWaiting milliseconds: CInt) {
        var time = time
        time.turnBegan(at: instant, afterWaiting: milliseconds)
        self.time = time
    }

    /// How long to wait for the earliest timer or exact instant, rounded up; -1 without one.
    private func waitMilliseconds() -> CInt {
        let tick = wheel.earliest.map { $0 &* Self.tickNanoseconds } ?? .max
        let due = min(tick, instants.earliest?.nanoseconds ?? .max)
        guard due < .max else { return -1 }
        let time = readClock().nanoseconds
        guard due > time else { return 0 }
        return CInt(clamping: (due &- time &+ 999_999) / 1_000_000)
    }

    private func fireTimers() {
        for timer in wheel.advance(to: now.nanoseconds / Self.tickNanoseconds) { timer.fire() }
        for action in instants.due(at: now) { action() }
    }

    private func perform(_ batch: inout [Submission]) {
        for submission in batch { perform(submission) }
        batch.removeAll(keepingCapacity: true)
    }

    private func perform(_ submission: Submission) {
        switch submission {
        case .work(let work): work()
        case .job(let job): run(job)
        }
    }

    private func endTurn() {
        guard !turnEnd.isEmpty else { return }
        let actions = turnEnd
        turnEnd.removeAll(keepingCapacity: true)
        for action in actions { action() }
    }
}
