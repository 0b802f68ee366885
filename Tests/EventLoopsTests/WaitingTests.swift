import Glibc
import HarborFleetTesting
import Processes
import Testing

@testable import EventLoops

@Suite(.timeLimit(.minutes(1))) struct WaitingTests {
    private func withLoop(_ body: (EventLoop) async throws -> Void) async throws {
        let loop = try EventLoop(label: "test.loop")
        loop.start()
        do {
            try await body(loop)
        } catch {
            await loop.stop()
            throw error
        }
        await loop.stop()
    }

    /// A shell and its output.
    private struct Shell: ~Copyable {
        let id: pid_t
        private let output: FileDescriptor

        init(_ script: String) throws {
            let pipe = try Pipe()
            id = try ChildProcess(.shell(script), descriptors: [nil, pipe.writer.rawValue, nil]).id
            output = pipe.closingWriter()
        }

        func firstNumber() throws -> pid_t {
            let line = String(decoding: try output.read(), as: UTF8.self)
            return try #require(pid_t(line.prefix { $0 != "\n" }))
        }
    }

    /// Whether the child has ended. This call leaves it to be reaped.
    private func isZombie(_ id: pid_t) -> Bool {
        var information = siginfo_t()
        return waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT | WNOHANG) == 0
            && information.si_signo == SIGCHLD
    }

    /// On the loop and elsewhere.
    @Test func sleep_isNeverEarly() async throws {
        try await withLoop { loop in
            let start = ContinuousClock.now
            try await loop.sleep(for: .milliseconds(20))
            try await withTaskExecutorPreference(loop) { try await loop.sleep(for: .milliseconds(20)) }
            #expect(ContinuousClock.now - start >= .milliseconds(40))
        }
    }

    /// The cancellation may come before the sleep begins.
    @Test func sleep_ends_whenItIsCancelled() async throws {
        try await withLoop { loop in
            for isOnLoop in [false, true] {
                let task = Task(executorPreference: isOnLoop ? loop : nil) {
                    try await loop.sleep(for: .seconds(3_600))
                }
                if isOnLoop { await Task.yield() }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
        }
    }

    /// The child is left to be reaped.
    @Test func waitForEnd_returns_whenAChildEnds() async throws {
        try await withLoop { loop in
            let child = try Shell("echo $$; exec sleep 1000")
            let id = try child.firstNumber()
            let isChild = id == child.id
            try #require(isChild)
            let process = try ProcessDescriptor(of: id)
            #expect(!isZombie(id))
            kill(id, SIGKILL)
            try await loop.waitForEnd(of: process)
            #expect(isZombie(id))
            // A wait for a process that has ended already returns at once.
            try await loop.waitForEnd(of: process)
            try await loop.waitForEnd(of: ProcessDescriptor(of: id))
            #expect(waitpid(id, nil, 0) == id)
        }
    }

    /// The process is not a child of this one.
    @Test func waitForEnd_returns_whenAnUnrelatedProcessEnds() async throws {
        try await withLoop { loop in
            let parent = try Shell("sleep 1000 >/dev/null & echo $!")
            let (parentID, id) = (parent.id, try parent.firstNumber())
            #expect(waitpid(parentID, nil, 0) == parentID)
            let process = try ProcessDescriptor(of: id)
            kill(id, SIGKILL)
            try await loop.waitForEnd(of: process)
            #expect(waitpid(id, nil, WNOHANG) == -1 && errno == ECHILD)
        }
    }

    /// A second wait still sees the end of the process.
    @Test func waitForEnd_ends_whenItIsCancelled() async throws {
        try await withLoop { loop in
            let id = try Shell("exec sleep 1000").id
            let waiting = Task { try await loop.waitForEnd(of: ProcessDescriptor(of: id)) }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            let process = try ProcessDescriptor(of: id)
            kill(id, SIGKILL)
            try await loop.waitForEnd(of: process)
            #expect(waitpid(id, nil, 0) == id)
        }
    }

    @Test func processDescriptor_isRefused_whenTheProcessIsMissing() throws {
        let id = try Shell("exit 0").id
        #expect(waitpid(id, nil, 0) == id)
        #expect(throws: SystemError(ESRCH)) {
            _ = try ProcessDescriptor(of: id)
        }
    }
}
