import EventLoops
import Glibc
import Testing

@testable import Processes

struct BlockingQueueTests {
    /// A private PostgreSQL on one processor would be half a PostgreSQL.
    @Test("What a queue starts at the behest of a bound loop may use all processors")
    func children_areNotBound() async throws {
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
        // As the main thread, which nothing binds.
        let expected = try ShortCommand.run(
            .init(executable: "/bin/grep", arguments: ["Cpus_allowed_list", "/proc/\(getpid())/status"])
        ).output
        #expect(output == expected)
    }
}
