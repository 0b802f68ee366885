import Dispatch

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// Ends a command by SIGINT or SIGTERM in good order: the first cancels its task, a second ends the process as
/// the signal does by itself.
enum StopSignals {
    /// Runs `body` until it ends.
    /// - Returns: whether a signal came.
    static func cancelling(_ body: @escaping @Sendable () async throws -> Void) async throws -> Bool {
        let task = Task { try await body() }
        let received = SignalFlag()
        let queue = DispatchQueue(label: "harbor-fleet.simulator.signals")
        let sources = [SIGINT, SIGTERM].map { number in
            source(number, queue) {
                received.set()
                task.cancel()
            }
        }
        defer { for source in sources { source.cancel() } }
        try await withTaskCancellationHandler {
            do {
                try await task.value
            } catch is CancellationError where received.isSet {}
        } onCancel: {
            task.cancel()
        }
        return received.isSet
    }

    private static func source(
        _ number: CInt, _ queue: DispatchQueue, _ action: @escaping @Sendable () -> Void
    ) -> any DispatchSourceSignal {
        // Dispatch watches beside the default action, which would end the process first.
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
        source.setEventHandler {
            signal(number, SIG_DFL)
            action()
        }
        source.activate()
        return source
    }
}
