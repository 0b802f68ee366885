import Glibc
import HarborFleetTesting
import Synchronization
import Testing

@testable import EventLoops

struct EventLoopTests {
    private func withLoop<Result: Sendable>(_ body: (EventLoop) async throws -> Result) async throws -> Result
    {
        let loop = try EventLoop(label: "test.loop")
        loop.start()
        do {
            let result = try await body(loop)
            await loop.stop()
            return result
        } catch {
            await loop.stop()
            throw error
        }
    }

    private func on<Result: Sendable>(
        _ loop: EventLoop, _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            loop.execute { continuation.resume(with: .init(catching: body)) }
        }
    }

    @Test("Submitted work runs on the loop, in order")
    func submittedWork_runsInOrder() async throws {
        try await withLoop { loop in
            let seen = Mutex<[Int]>([])
            for index in 0..<1_000 { loop.execute { seen.withLock { $0.append(index) } } }
            let isCurrent = try await on(loop) { loop.isCurrent }
            #expect(isCurrent)
            #expect(seen.withLock { $0 } == Array(0..<1_000))
            #expect(!loop.isCurrent)
        }
    }

    @Test("A watched descriptor tells when it is readable, and no more once cancelled")
    func watch_tellsReadiness() async throws {
        var pipes: [CInt] = [0, 0]
        #expect(pipe(&pipes) == 0)
        let (reader, writer) = (pipes[0], pipes[1])
        defer {
            close(reader)
            close(writer)
        }
        try await withLoop { loop in
            let readiness = try await withCheckedThrowingContinuation {
                (continuation: CheckedContinuation<Readiness, any Error>) in
                loop.execute {
                    do {
                        let holder = Holder()
                        holder.watch = try loop.watch(reader, for: .read) { readiness in
                            holder.watch?.cancel()
                            holder.watch = nil
                            continuation.resume(returning: readiness)
                        }
                        write(writer, "x", 1)
                    } catch {
                        continuation.resume(throwing: error)
                    }
                }
            }
            #expect(readiness == .readable)
            // Still readable, level-triggered: a second call would resume the continuation twice and trap.
            try await on(loop) {}
        }
    }

    @Test("With edges a descriptor is told of once, until its watch is renewed or there is more")
    func edges_areToldOnce() async throws {
        var pipes: [CInt] = [0, 0]
        #expect(pipe(&pipes) == 0)
        let (reader, writer) = (pipes[0], pipes[1])
        defer { for end in pipes { close(end) } }
        try await withLoop { loop in
            let told = Mutex(0)
            let holder = LoopBound(Holder(), on: loop)
            try await on(loop) {
                holder.value.watch = try loop.watch(reader, for: .read | .edges) { _ in
                    told.withLock { $0 += 1 }
                }
                write(writer, "x", 1)
            }
            // Each goes through the loop, which looks at its descriptors before it takes what was submitted.
            for _ in 0..<3 { try await on(loop) {} }
            #expect(told.withLock { $0 } == 1)
            try await on(loop) { holder.value.watch?.update(.read | .edges, renewing: true) }
            for _ in 0..<3 { try await on(loop) {} }
            #expect(told.withLock { $0 } == 2)
            write(writer, "y", 1)
            for _ in 0..<3 { try await on(loop) {} }
            #expect(told.withLock { $0 } == 3)
            try await on(loop) { holder.value.watch?.cancel() }
        }
    }

    @Test(
        "Timers fire in order, not before their time, and a cancelled one does not", .timeLimit(.minutes(1)))
    func timers_fireInOrder() async throws {
        let clock = try ManualTimePoller()
        let loop = try EventLoop(label: "test.timers", poller: clock)
        loop.start()
        let seen = Mutex<[Int]>([])
        try await on(loop) {
            for (number, delay) in [(3, 3_600), (2, 40), (1, 1)] {
                loop.schedule(after: .seconds(delay)) { seen.withLock { $0.append(number) } }
            }
            loop.schedule(after: .seconds(20)) { seen.withLock { $0.append(9) } }.cancel()
        }
        for (seconds, expected) in [(0.9, []), (39.0, [1]), (1.0, [1, 2]), (3_560.0, [1, 2, 3])] {
            await clock.advance(by: .seconds(seconds))
            #expect(seen.withLock { $0 } == expected)
        }
        await loop.stop()
    }

    @Test("A loop whose poller moved the time at once has not run for so long, and its peers have more time")
    func timeThatWentByAtOnce_isNotThePeers() async throws {
        let clock = try ManualTimePoller()
        let loop = try EventLoop(label: "test.late", poller: clock)
        loop.start()
        let (now, peerNow) = try await on(loop) { (loop.now, loop.peerNow) }
        try await on(loop) {
            loop.schedule(after: .seconds(1)) {}
            clock.jump(by: .seconds(7))
        }
        let later = try await on(loop) { (loop.now.since(now), loop.peerNow.since(peerNow)) }
        #expect(later.0 == .seconds(7) && later.1 == .zero)
        await loop.stop()
    }

    @Test("A handler after a long wait sees the time of its own turn")
    func handler_seesTheTimeOfItsTurn() async throws {
        var pipes: [CInt] = [0, 0]
        #expect(pipe(&pipes) == 0)
        let (reader, writer) = (pipes[0], pipes[1])
        defer {
            close(reader)
            close(writer)
        }
        let wait = Duration.milliseconds(60)
        let (start, seen) = try await withLoop { other in
            try await withLoop { loop in
                try await withCheckedThrowingContinuation {
                    (continuation: CheckedContinuation<(MonotonicInstant, MonotonicInstant), any Error>) in
                    loop.execute {
                        let start = MonotonicInstant.read()
                        let holder = Holder()
                        do {
                            holder.watch = try loop.watch(reader, for: .read) { _ in
                                holder.watch?.cancel()
                                holder.watch = nil
                                continuation.resume(returning: (start, loop.now))
                            }
                        } catch {
                            continuation.resume(throwing: error)
                        }
                    }
                    // From another loop, so that the first one has nothing to wake up for but the descriptor.
                    other.execute { other.schedule(after: wait) { write(writer, "x", 1) } }
                }
            }
        }
        #expect(seen.since(start) >= wait / 2)
    }

    actor Pinned {
        let loop: EventLoop
        private(set) var count = 0
        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
        init(loop: EventLoop) { self.loop = loop }
        func add() -> Bool {
            count += 1
            return loop.isCurrent
        }
    }

    @Test("An actor and a task of a loop run on its thread")
    func actorAndTask_runOnTheLoop() async throws {
        try await withLoop { loop in
            let actor = Pinned(loop: loop)
            let task = Task(executorPreference: loop) {
                let before = loop.isCurrent
                let inside = await actor.add()
                return before && inside && loop.isCurrent
            }
            #expect(await task.value)
        }
    }

    @Test("Work submitted before a stop is still done")
    func stop_finishesWhatWasSubmitted() async throws {
        let loop = try EventLoop(label: "test.stop")
        loop.start()
        let done = Atomic<Int>(0)
        for _ in 0..<100 { loop.execute { done.add(1, ordering: .relaxed) } }
        await loop.stop()
        await loop.stop()
        #expect(done.load(ordering: .relaxed) == 100)
    }

    @Test(
        "A task that is resumed after its loop's end goes on, and what is submitted then is done",
        .timeLimit(.minutes(1)))
    func task_goesOn_afterTheEnd() async throws {
        let loop = try EventLoop(label: "test.late")
        loop.start()
        let (words, word) = AsyncStream.makeStream(of: Void.self)
        let task = Task(executorPreference: loop) {
            for await _ in words {}
            return loop.isCurrent
        }
        await loop.stop()
        loop.execute { loop.atEndOfTurn { word.finish() } }
        #expect(await task.value)
        #expect(!loop.isCurrent)
    }

    @Test("What is submitted while a loop forgets its timers is done", .timeLimit(.minutes(1)))
    func work_ofWhatTheEndForgets_isDone() async throws {
        let loop = try EventLoop(label: "test.forgotten")
        loop.start()
        let (words, word) = AsyncStream.makeStream(of: Void.self)
        loop.execute {
            let parting = Parting { loop.execute { word.finish() } }
            loop.schedule(after: .seconds(3_600)) { withExtendedLifetime(parting) {} }
        }
        await loop.stop()
        for await _ in words {}
    }

    /// Says when it goes.
    private final class Parting {
        let action: () -> Void
        init(_ action: @escaping () -> Void) { self.action = action }
        deinit { action() }
    }

    /// Proof without a stopwatch: every loop is kept busy until 50 tasks have ended. Were the loops' threads those
    /// of the task pool, no thread would be left and the tasks would end after the loops have given up. They have
    /// to spin: Dispatch makes up for threads that merely wait, after some seconds.
    @Test("Busy loops leave Swift's own tasks their threads")
    func loops_takeNoThreadOfTheTaskPool() async throws {
        let count = max(4, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
        let group = try EventLoopGroup(count: count, label: "test.pool")
        group.start()
        let busy = Atomic<Int>(0)
        let isReleased = Atomic<Bool>(false)
        let gaveUp = Atomic<Bool>(false)
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            for loop in group.loops {
                loop.execute {
                    if busy.add(1, ordering: .relaxed).newValue == count { continuation.resume() }
                    let start = MonotonicInstant.read()
                    while !isReleased.load(ordering: .relaxed) {
                        guard MonotonicInstant.read().since(start) > .seconds(10) else { continue }
                        return gaveUp.store(true, ordering: .relaxed)
                    }
                }
            }
        }
        await withTaskGroup(of: Void.self) { tasks in
            for _ in 0..<50 { tasks.addTask { await Task.yield() } }
        }
        isReleased.store(true, ordering: .relaxed)
        await group.stop()
        #expect(gaveUp.load(ordering: .relaxed) == false)
    }

    /// Holds what a callback has to reach. Touched on the loop only.
    private final class Holder { var watch: Watch? }
}
