import Glibc
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

    /// Starts a shell; what it prints comes out of the descriptor.
    private func shell(_ script: String) throws -> (id: pid_t, output: CInt) {
        var pipes: [CInt] = [0, 0]
        try #require(pipe(&pipes) == 0)
        for end in pipes { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(pipes[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pipes[1], 1)
        var id: pid_t = 0
        let arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sh"), strdup("-c"), strdup(script), nil]
        defer { for argument in arguments { free(argument) } }
        try #require(posix_spawn(&id, "/bin/sh", &actions, nil, arguments, nil) == 0)
        return (id, pipes[0])
    }

    private func firstNumber(from output: CInt) throws -> pid_t {
        var text = ""
        var byte: UInt8 = 0
        while read(output, &byte, 1) == 1, byte != 10 { text.append(Character(Unicode.Scalar(byte))) }
        return try #require(pid_t(text))
    }

    /// Whether the child has ended; it stays to be reaped.
    private func isZombie(_ id: pid_t) -> Bool {
        var information = siginfo_t()
        return waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT | WNOHANG) == 0
            && information.si_signo == SIGCHLD
    }

    @Test("A sleep takes its time, beside the loop and on it")
    func sleep_isNeverEarly() async throws {
        try await withLoop { loop in
            let start = ContinuousClock.now
            try await loop.sleep(for: .milliseconds(20))
            try await withTaskExecutorPreference(loop) { try await loop.sleep(for: .milliseconds(20)) }
            #expect(ContinuousClock.now - start >= .milliseconds(40))
        }
    }

    @Test("A cancelled sleep ends at once, whenever the cancellation comes")
    func cancelledSleep_ends() async throws {
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

    @Test("A child's end is told, and it is left to be reaped")
    func childsEnd_isTold() async throws {
        try await withLoop { loop in
            let child = try shell("echo $$; exec sleep 1000")
            defer { close(child.output) }
            let id = try firstNumber(from: child.output)
            try #require(id == child.id)
            let process = try ProcessDescriptor(of: id)
            #expect(!isZombie(id))
            kill(id, SIGKILL)
            try await loop.waitForEnd(of: process)
            #expect(isZombie(id))
            // One that has ended long since is told of at once.
            try await loop.waitForEnd(of: process)
            try await loop.waitForEnd(of: ProcessDescriptor(of: id))
            #expect(waitpid(id, nil, 0) == id)
        }
    }

    @Test("The end of a process that is nobody's child here is told as well")
    func strangersEnd_isTold() async throws {
        try await withLoop { loop in
            let parent = try shell("sleep 1000 >/dev/null & echo $!")
            defer { close(parent.output) }
            let id = try firstNumber(from: parent.output)
            #expect(waitpid(parent.id, nil, 0) == parent.id)
            let process = try ProcessDescriptor(of: id)
            kill(id, SIGKILL)
            try await loop.waitForEnd(of: process)
            #expect(waitpid(id, nil, WNOHANG) == -1 && errno == ECHILD)
        }
    }

    @Test("A cancelled wait for a process ends, and another one still hears of its end")
    func cancelledWait_ends() async throws {
        try await withLoop { loop in
            let child = try shell("exec sleep 1000")
            defer { close(child.output) }
            let waiting = Task { try await loop.waitForEnd(of: ProcessDescriptor(of: child.id)) }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            let process = try ProcessDescriptor(of: child.id)
            kill(child.id, SIGKILL)
            try await loop.waitForEnd(of: process)
            #expect(waitpid(child.id, nil, 0) == child.id)
        }
    }

    @Test("A process that is not there is an error")
    func missingProcess_isAnError() throws {
        let child = try shell("exit 0")
        close(child.output)
        #expect(waitpid(child.id, nil, 0) == child.id)
        #expect(throws: SystemError(ESRCH)) {
            _ = try ProcessDescriptor(of: child.id)
        }
    }
}
