import EventLoops
import Glibc
import Testing

@testable import Processes

@Suite(.timeLimit(.minutes(1))) struct BlockingQueueTests {
    /// Otherwise a private PostgreSQL would run on one processor only.
    @Test func child_mayUseAllProcessors_whenABoundLoopStartsIt() async throws {
        let group = try EventLoopGroup(
            count: ProcessorAffinity.processors().count, label: "test.bound", bindsToProcessors: true)
        group.start()
        let command = ChildProcess.Command(
            executable: "/bin/grep", arguments: ["Cpus_allowed_list", "/proc/self/status"])
        let queue = BlockingQueue(label: "test.queue")
        let loop = group.loops[0]
        let output = try await Task(executorPreference: loop) {
            #expect(loop.isCurrent)
            return try await queue.runThrowing { try ShortCommand.run(command).output }
        }.value
        await group.stop()
        // The main thread is not bound.
        let expected = try ShortCommand.run(
            .init(executable: "/bin/grep", arguments: ["Cpus_allowed_list", "/proc/\(getpid())/status"])
        ).output
        #expect(output == expected)
    }
}
