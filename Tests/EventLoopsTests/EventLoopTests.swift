import Glibc
import HarborFleetTesting
import Synchronization
import Testing

@testable import EventLoops

@Suite(.timeLimit(.minutes(1))) struct EventLoopTests {
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

    @Test func submittedWork_runsOnTheLoopInOrder() async throws {
        try await withLoop { loop in
            let seen = Mutex<[Int]>([])
            for index in 0..<1_000 { loop.execute { seen.withLock { $0.append(index) } } }
            let isCurrent = try await on(loop) { loop.isCurrent }
            #expect(isCurrent)
            #expect(seen.withLock { $0 } == Array(0..<1_000))
            #expect(!loop.isCurrent)
        }
    }

    @Test func watch_reportsReadiness_untilItIsCancelled() async throws {
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
            // The descriptor is still readable and level-triggered.
            // A second call would resume the continuation twice and trap.
            try await on(loop) {}
        }
    }

    @Test func edgeTriggeredWatch_reportsOnce_untilItIsRenewedOrMoreArrives() async throws {
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
            // Each of these needs a turn of the loop, which reads its descriptors before it takes submitted work.
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

    /// A cancelled timer does not fire.
    @Test func timers_fireInOrder_andNotBeforeTheirTime() async throws {
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

    /// A jump of the poller's clock is not time in which the peers were silent, so they get more time.
    @Test func peerTime_standsStill_whenTheTimeJumps() async throws {
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

    /// The wait before the turn was long.
    @Test func handler_seesTheTimeOfItsOwnTurn() async throws {
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
                    // Another loop writes, so that only the descriptor wakes the first loop.
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

    /// Both run on the thread of the loop.
    @Test func actorAndTask_runOnTheLoop() async throws {
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

    @Test func stop_finishesSubmittedWork() async throws {
        let loop = try EventLoop(label: "test.stop")
        loop.start()
        let done = Atomic<Int>(0)
        for _ in 0..<100 { loop.execute { done.add(1, ordering: .relaxed) } }
        await loop.stop()
        await loop.stop()
        #expect(done.load(ordering: .relaxed) == 100)
    }

    /// Work that is submitted after the end is done too.
    @Test func task_continues_afterItsLoopEnded() async throws {
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

    @Test func work_isDone_whenItIsSubmittedWhileTheLoopForgetsItsTimers() async throws {
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

    /// Calls `action` when it is released.
    private final class Parting {
        let action: () -> Void
        init(_ action: @escaping () -> Void) { self.action = action }
        deinit { action() }
    }

    /// Every loop stays busy until 50 tasks have ended. If the loops ran on threads of the task pool, no thread would
    /// be left, and the tasks would end only after the loops give up. The loops must spin: after some seconds,
    /// Dispatch adds threads for those that only wait.
    @Test func busyLoops_leaveTheTaskPoolItsThreads() async throws {
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

    /// Holds the watch for its own callback. Only the loop touches it.
    private final class Holder { var watch: Watch? }
}
