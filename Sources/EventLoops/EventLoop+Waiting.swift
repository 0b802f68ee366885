package import Processes

// For tasks, on whatever thread they run; one that runs on the loop waits without a hop. The loop must not end
// before the wait does: an ended loop forgets timers and watches, and only the task's cancellation ends the wait then.
extension EventLoop {
    /// Returns `duration` from now or up to a tick later.
    /// - Throws: `CancellationError` when the task is cancelled before.
    package func sleep(for duration: Duration) async throws {
        try await LoopWait.wait(on: self) { [self] wait in
            let timer = schedule(after: duration) { wait.finish(.success(())) }
            return timer.cancel
        }
    }

    /// Returns once the process has ended, reaped or not; costs nothing until then.
    /// - Throws: `CancellationError` when the task is cancelled before, `EventLoopError` when it cannot be watched.
    package func waitForEnd(of process: borrowing ProcessDescriptor) async throws {
        // Open until this function returns, as the caller lends it so long.
        let fileDescriptor = process.fileDescriptor.rawValue
        try await LoopWait.wait(on: self) { [self] wait in
            let watch = try watch(fileDescriptor, for: .read) { _ in wait.finish(.success(())) }
            return watch.cancel
        }
    }
}

/// What one task waits for on a loop: ended once, by what it waits for or by the task's cancellation.
///
/// `@unchecked Sendable`: touched on its loop alone.
private final class LoopWait: @unchecked Sendable {
    private var continuation: CheckedContinuation<Void, any Error>?
    private var disarm: (() -> Void)?
    private var isOver = false

    /// - Parameter arm: called on the loop, has `finish` called later, and returns how to take that back.
    static func wait(
        on loop: EventLoop, _ arm: @escaping @Sendable (LoopWait) throws -> () -> Void
    ) async throws {
        let wait = LoopWait()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard !loop.isCurrent else { return wait.start(continuation, arm) }
                loop.execute { wait.start(continuation, arm) }
            }
        } onCancel: {
            loop.execute { wait.finish(.failure(CancellationError())) }
        }
    }

    func finish(_ result: Result<Void, any Error>) {
        isOver = true
        disarm?()
        disarm = nil
        continuation?.resume(with: result)
        continuation = nil
    }

    private func start(
        _ continuation: CheckedContinuation<Void, any Error>, _ arm: (LoopWait) throws -> () -> Void
    ) {
        // The cancellation may come to the loop first.
        guard !isOver else { return continuation.resume(throwing: CancellationError()) }
        do {
            disarm = try arm(self)
            self.continuation = continuation
        } catch {
            isOver = true
            continuation.resume(throwing: error)
        }
    }
}
