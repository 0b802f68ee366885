package import Processes

// These functions are for tasks on any thread. A task on the loop itself waits without a hop. The loop must not end
// before the wait: an ended loop drops its timers and watches, and then only the task's cancellation ends the wait.
extension EventLoop {
    /// Returns `duration` from now or up to a tick later.
    /// - Throws: `CancellationError` when the task is cancelled before.
    package func sleep(for duration: Duration) async throws {
        try await LoopWait.wait(on: self) { [self] wait in
            let timer = schedule(after: duration) { wait.finish(.success(())) }
            return timer.cancel
        }
    }

    /// Returns once the process has ended, whether it is reaped or not. It uses no CPU time until then.
    /// - Throws: `CancellationError` when the task is cancelled before, `EventLoopError` when the process
    ///   cannot be watched.
    package func waitForEnd(of process: borrowing ProcessDescriptor) async throws {
        // The caller lends the descriptor for this call, so it stays open until this function returns.
        let fileDescriptor = process.fileDescriptor.rawValue
        try await LoopWait.wait(on: self) { [self] wait in
            let watch = try watch(fileDescriptor, for: .read) { _ in wait.finish(.success(())) }
            return watch.cancel
        }
    }
}

/// A task's wait on a loop. It ends once, by its event or by the task's cancellation.
///
/// `@unchecked Sendable`: touched on its loop alone.
private final class LoopWait: @unchecked Sendable {
    private var continuation: CheckedContinuation<Void, any Error>?
    private var disarm: (() -> Void)?
    private var isOver = false

    /// Waits until `finish` is called.
    /// - Parameter arm: runs on the loop. It arranges a later call of `finish`, and returns a closure
    ///   that cancels that.
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
        // The cancellation may have reached the loop before the start.
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
