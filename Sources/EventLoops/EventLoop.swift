internal import Dispatch
internal import Glibc
internal import Processes
internal import Synchronization

/// One thread's worth of work: a loop over a poller that runs as one endless block on a serial queue of its own.
///
/// A connection lives on one loop and is touched on no other; that is what makes its state safe without locks.
/// Actors and tasks can live there too, see `EventLoop+Executor.swift`.
///
///     let loop = try EventLoop(label: "harbor.loop.0")
///     loop.start()
///     loop.execute { print("on the loop") }
///     await loop.stop()
///
/// `@unchecked Sendable`: everything below "loop only" is touched on the loop's thread alone, after its end by its
/// queue's work, which the methods that reach it check; what other threads reach is behind `submissions`, a Mutex,
/// or atomic.
public final class EventLoop: @unchecked Sendable {
    /// The length of a timer tick: timers are late by up to this, never early.
    package static let tick: Duration = .milliseconds(8)
    static let tickNanoseconds: UInt64 = 8_000_000

    @usableFromInline package let label: String
    /// The queue has a root queue of its own. An endless block that ends up on a global queue would take one of
    /// the threads that Swift's tasks run on.
    private let queue: DispatchQueue
    private let processor: Int?
    let submissions = Mutex(Submissions())
    private let thread = Atomic<UInt>(0)
    private let poller: any Poller

    // Loop only. What every turn changes is not checked for exclusive access while running: one thread touches it, and no
    // access overlaps another, because handlers and actions are taken out before they are called.
    @safe @exclusivity(unchecked) private var watches = WatchTable()
    @safe @exclusivity(unchecked) private var wheel: TimerWheel
    @safe @exclusivity(unchecked) private var instants = InstantQueue()
    @safe @exclusivity(unchecked) private var turnEnd: [() -> Void] = []
    @safe @exclusivity(unchecked) private var meter: TurnMeter
    private var running = false
    private var yielding = YieldHeuristic()
    private var time: LoopTime
    /// The time as of this turn of the loop.
    package var now: MonotonicInstant { time.now }
    /// The time that peers have had to be heard: `now` without the seconds in which the loop did not run, see `LoopTime`.
    /// A clock of its own, for deadlines of what peers do; see `instant(ofPeerTime:)`.
    package var peerNow: MonotonicInstant { time.peerNow }
    /// The loop's shared read buffer, 64 KiB.
    package let readBuffer = ReadBuffer()

    /// How much CPU time the turns took.
    package let turnTimes = TurnTimes()
    private let longTurn: LongTurnObserver?

    /// Told of a turn that held up its loop, on that loop: it must not block.
    package typealias LongTurnObserver = @Sendable (LongTurn) -> Void

    /// Makes the loop; `start` makes it run.
    /// - Parameters:
    ///   - processor: the number of the only one that it runs on, see `ProcessorAffinity`.
    ///   - poller: an `Epoll` of its own when nil.
    ///   - longTurn: told of turns of more than `LongTurn.leastNanoseconds` of CPU time.
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

    /// Ends the block after the work submitted so far, and returns when it has ended. The loop must have been started.
    /// What lives on it must be ended before: watches and timers that are left are forgotten, and their descriptors are
    /// not closed.
    package func stop() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let ended = submissions.withLock { $0.stop(continuation) }
            if ended { queue.async { continuation.resume() } } else { poller.wake() }
        }
    }

    /// Runs `work` on the loop, in the order of submission. Callable from any thread.
    ///
    /// What comes after the loop's end, tasks too, still runs, in the same order, on the loop's queue, so that nothing
    /// waits for it for ever. Watches and timers that it makes are forgotten at once.
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

    /// Watches a descriptor: `handler` is called in each turn in which it is ready, or with `.edges` when it gets ready.
    /// The caller keeps owning the descriptor and cancels the watch before closing it.
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

    /// The time as of this call; `now` costs less.
    package func readClock() -> MonotonicInstant { poller.readClock() }

    /// Runs `action` once, `duration` from now or up to a tick later, unless it is cancelled before.
    @discardableResult
    package func schedule(after duration: Duration, _ action: @escaping () -> Void) -> ScheduledTimer {
        schedule(at: readClock().advanced(by: duration), action)
    }

    /// Runs `action` once, at `due` or up to a tick later, unless it is cancelled before.
    @discardableResult
    package func schedule(at due: MonotonicInstant, _ action: @escaping () -> Void) -> ScheduledTimer {
        checkCurrent()
        let tick = due.nanoseconds / Self.tickNanoseconds &+ 1
        let timer = ScheduledTimer(tick: tick, loop: self, action: action)
        wheel.insert(timer)
        return timer
    }

    /// Runs `action` once, at `due` or within the millisecond after it that epoll waits by: for an instant that means
    /// something by itself. Cannot be cancelled, and inserting is cheap only for instants that come in their order.
    package func schedule(exactlyAt due: MonotonicInstant, _ action: @escaping () -> Void) {
        checkCurrent()
        instants.insert(action, at: due)
    }

    /// The instant at which `peerNow` will be `instant`, unless the loop comes late before: then that is too early.
    package func instant(ofPeerTime instant: MonotonicInstant) -> MonotonicInstant {
        time.instant(ofPeerTime: instant)
    }

    /// Runs `action` after this turn's events and submissions: what wants to send once per turn waits for it.
    /// What is added while these actions run waits for the end of the next turn, which then comes at once.
    package func atEndOfTurn(_ action: @escaping () -> Void) {
        checkCurrent()
        turnEnd.append(action)
    }

    /// Says what this turn is about to do: a turn that takes too long is told of with the last name.
    package func begins(_ work: TurnWork) {
        meter.begins(work)
    }

    func update(_ watch: Watch) {
        checkCurrent()
        guard watches[watch.token] === watch else { return }
        // Fails only for a descriptor that was closed under its watch: our bug, and its owner finds out by itself.
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
        precondition(isCurrent || !running, "\(label) is touched from outside")
    }

    // MARK: The loop

    private func run() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        // The thread may be one that a bound loop has started.
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
            // What the end of the last turn left for the next one ends no wait.
            let mayWait = !busy && turnEnd.isEmpty
            if mayWait, yielding.shouldYield { sched_yield() }
            let milliseconds = mayWait ? waitMilliseconds() : 0
            let count = try poller.wait(milliseconds: milliseconds)
            yielding.waited(events: count)
            // Before the handlers run: what they submit is taken in this turn, without a wake-up.
            submissions.withLock { $0.wake() }
            // The wait may have been long.
            let now = readClock()
            turnBegan(at: now, afterWaiting: milliseconds)
            meter.began(now: now, CPUClock.nanoseconds)
            for index in 0..<count {
                let (token, readiness) = poller.event(index)
                watches[token]?.handler?(readiness)
            }
        } catch {
            // Only our own bug makes the wait fail (EBADF, EINVAL): a loop that cannot wait cannot serve.
            preconditionFailure("\(label): \(error)")
        }
    }

    /// Takes the time out meanwhile: so its many readers need no check for exclusive access.
    private func turnBegan(at instant: MonotonicInstant, afterWaiting milliseconds: CInt) {
        var time = time
        time.turnBegan(at: instant, afterWaiting: milliseconds)
        self.time = time
    }

    /// How long to wait for the earliest timer, rounded up; -1 without one.
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
