import Testing

@testable import Supervision

@Suite(.timeLimit(.minutes(1))) struct AsyncSemaphoreTests {
    private let semaphore = AsyncSemaphore(permits: 1)

    /// Returns once `count` callers wait for a permit. This is a poll, because no event says that a caller begins to
    /// wait.
    private func waitForCallers(_ count: Int) async {
        while semaphore.waiting < count { await Task.yield() }
    }

    @Test func permits_goOutInTheOrderOfTheCallers() async throws {
        await semaphore.acquire()
        let (numbers, continuation) = AsyncStream.makeStream(of: Int.self)
        for number in 0..<20 {
            Task { [semaphore] in try await semaphore.withPermit { continuation.yield(number) } }
            await waitForCallers(number + 1)
        }
        semaphore.release()
        var iterator = numbers.makeAsyncIterator()
        for number in 0..<20 { #expect(await iterator.next() == number) }
        await semaphore.acquire()
        #expect(semaphore.waiting == 0)
    }

    @Test func cancelledCaller_runsNothing_andGivesItsPermitBack()
        async throws
    {
        await semaphore.acquire()
        let cancelled = Task { [semaphore] in try await semaphore.withPermit { Issue.record("it ran") } }
        await waitForCallers(1)
        cancelled.cancel()
        semaphore.release()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        #expect(try await semaphore.withPermit { 7 } == 7)
    }
}
