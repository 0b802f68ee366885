import Foundation
import Processes
import Testing

@testable import EventLoops

/// Reads the list from the kernel (proc(5)) and not from `ProcessorAffinity`.
private func processorsOfThisThread() throws -> String {
    let status = try String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") })
    return line.dropFirst("Cpus_allowed_list:".count).trimmingCharacters(in: .whitespaces)
}

private func onLoop<Result: Sendable>(
    _ loop: EventLoop, _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        loop.execute { continuation.resume(with: .init(catching: body)) }
    }
}

/// Starts a thread that no other test uses afterwards.
private func startThread(_ body: @escaping @Sendable () -> Void) {
    Thread(block: body).start()
}

@Suite(.timeLimit(.minutes(1))) struct ProcessorAffinityTests {
    private let processors = ProcessorAffinity.processors()
    private let whole: String

    init() throws {
        // The thread of a test may be one that a bound loop of another test has started.
        ProcessorAffinity.release()
        whole = try processorsOfThisThread()
    }

    /// The lists of all loops of a started group.
    private func lists(of group: EventLoopGroup) async throws -> [String] {
        var lists: [String] = []
        for loop in group.loops { lists.append(try await onLoop(loop) { try processorsOfThisThread() }) }
        return lists
    }

    /// Expands `0-2,5` to its numbers.
    private static func numbers(_ list: String) -> [Int] {
        list.split(separator: ",").flatMap { part in
            let ends = part.split(separator: "-").compactMap { Int($0) }
            return ends.first.map { Array($0...(ends.last ?? $0)) } ?? []
        }
    }

    @Test func group_hasOneLoop_whenNoneIsAskedFor() throws {
        #expect(try EventLoopGroup(count: 0, label: "test.none", bindsToProcessors: true).loops.count == 1)
        #expect(try EventLoopGroup(count: 0, label: "test.none").loops.count == 1)
    }

    @Test func loops_areBoundToOneProcessorEach_whenTheirNumberIsTheSame() async throws {
        #expect(processors == Self.numbers(whole))
        let group = try EventLoopGroup(count: processors.count, label: "test.bound", bindsToProcessors: true)
        group.start()
        let lists = try await lists(of: group)
        await group.stop()
        #expect(lists == processors.map { "\($0)" })
    }

    @Test func loops_areNotBound_whenTheirNumberDiffersOrBindingIsOff() async throws {
        let count = processors.count + 1
        for (count, binds) in [(count, true), (processors.count, false)] {
            let group = try EventLoopGroup(count: count, label: "test.free", bindsToProcessors: binds)
            group.start()
            let lists = try await lists(of: group)
            await group.stop()
            #expect(lists == Array(repeating: whole, count: count))
        }
    }

    @Test func thread_isReleased_whenItsLoopEnds() async throws {
        let first = try #require(processors.first)
        let loop = try EventLoop(label: "test.bound", processor: first)
        loop.start()
        let before = try await onLoop(loop) { try processorsOfThisThread() }
        await loop.stop()
        #expect(before == "\(first)")
        let after = try await onLoop(loop) { try processorsOfThisThread() }
        #expect(after == whole)
    }

    @Test(arguments: [-1, 8_191, 8_192, Int.max])
    func thread_staysWhereItIs_whenTheProcessorIsUnknown(number: Int) async throws {
        let list = try await withCheckedThrowingContinuation { continuation in
            startThread {
                ProcessorAffinity.bind(to: number)
                continuation.resume(with: .init(catching: processorsOfThisThread))
            }
        }
        #expect(list == whole)
    }

    @Test func thread_isBoundLikeItsParent_untilItIsReleased() async throws {
        let first = try #require(processors.first)
        let lists = try await withCheckedThrowingContinuation { continuation in
            startThread {
                ProcessorAffinity.bind(to: first)
                startThread {
                    continuation.resume(
                        with: .init {
                            let before = try processorsOfThisThread()
                            ProcessorAffinity.release()
                            return [before, try processorsOfThisThread()]
                        })
                }
            }
        }
        #expect(lists == ["\(first)", whole])
    }
}
