internal import EventLoops

/// Lets a caller on any thread wait for the result of work on a loop. Finished exactly once.
///
/// `@unchecked Sendable`: created by the caller, then used on the loop only.
class LoopCall<Value: Sendable>: @unchecked Sendable {
    typealias Outcome = Result<Value, PostgresError>

    /// Identifies the call in the loop's state; nil before the call is registered there.
    var id: UInt64?
    var timer: ScheduledTimer?
    /// The caller was cancelled, maybe before the call reached the loop.
    private(set) var isAbandoned = false
    private var completion: ((Outcome) -> Void)?

    func onFinish(_ completion: @escaping (Outcome) -> Void) {
        self.completion = completion
    }

    /// Resumes the caller. Later calls have no effect.
    func finish(_ outcome: Outcome) {
        let completion = completion
        self.completion = nil
        completion?(outcome)
    }

    /// Resumes the caller with the error that it was cancelled.
    /// - Parameter outcomeUnknown: whether the server may still do what was requested.
    func abandon(outcomeUnknown: Bool = false) {
        isAbandoned = true
        finish(
            .failure(PostgresError(.cancelled, "the caller was cancelled", outcomeUnknown: outcomeUnknown)))
    }

    /// Calls `begin` on the loop and waits for the outcome, even in a cancelled task.
    func outcome(on loop: EventLoop, _ begin: @escaping @Sendable () -> Void) async -> Outcome {
        await withCheckedContinuation { (continuation: CheckedContinuation<Outcome, Never>) in
            loop.execute { [self] in
                onFinish { continuation.resume(returning: $0) }
                begin()
            }
        }
    }

    /// Calls `begin` on the loop and waits for the value. Calls `giveUp` there when the task is cancelled.
    func value(
        on loop: EventLoop, _ begin: @escaping @Sendable () -> Void,
        onCancel giveUp: @escaping @Sendable () -> Void
    ) async throws(PostgresError) -> Value {
        let result = await withTaskCancellationHandler {
            await outcome(on: loop, begin)
        } onCancel: {
            loop.execute(giveUp)
        }
        return try result.get()
    }
}
