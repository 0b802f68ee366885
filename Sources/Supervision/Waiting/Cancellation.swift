/// Returns when the task is cancelled.
package func cancellation() async {
    // Nothing raises this signal, so only cancellation ends the wait.
    _ = await Signal().wait()
}

/// Runs `body` to its end in a task that the caller's cancellation does not reach, for the clean-up of a cancelled
/// task. `body` must bound its own time.
package func shielded(_ body: @escaping @Sendable () async -> Void) async {
    await Task { await body() }.value
}
