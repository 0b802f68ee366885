internal import Supervision
internal import Synchronization

/// Large things that many want at once: of those who wait for one key the first makes it for all who had come by then.
///
/// Who wants one key waits for no other, but for the processor: there is a line for each, which is gone, with what was
/// made, when nobody stands in it. So many are made at once that the rest of the server finds a thread.
final class SharedWork<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private final class Line: Sendable {
        let semaphore = AsyncSemaphore(permits: 1)
        let made = Mutex<Value?>(nil)
    }

    private let lines = Mutex<[Key: (line: Line, count: Int)]>([:])
    private let makers: OffLoopWork

    /// - Parameter width: values that are made at once.
    convenience init(width: Int) {
        // The callers bound the number of lines.
        self.init(makers: OffLoopWork(width: width, maximumWaiting: .max))
    }

    /// - Parameter makers: makes the values; others may use it too, and are bounded together with these.
    init(makers: OffLoopWork) {
        self.makers = makers
    }

    /// How many keys are waited for.
    var count: Int { lines.withLock { $0.count } }

    /// How many callers stand in a key's line.
    func callers(for key: Key) -> Int { lines.withLock { $0[key]?.count ?? 0 } }

    /// What was made last if it `fits`, or else what `make` makes; on no loop.
    /// - Throws: `CancellationError` when it is the turn of a caller that was cancelled.
    func value(
        for key: Key, if fits: @Sendable (Value) -> Bool, make: @Sendable () async -> Value
    ) async throws -> Value {
        let line = joined(key)
        defer { left(key) }
        await line.semaphore.acquire()
        defer { line.semaphore.release() }
        try Task.checkCancellation()
        if let made = line.made.withLock({ $0 }), fits(made) { return made }
        let value = try await makers.run(make)
        line.made.withLock { $0 = value }
        return value
    }

    private func joined(_ key: Key) -> Line {
        lines.withLock { lines in
            let line = lines[key]?.line ?? Line()
            lines[key] = (line, (lines[key]?.count ?? 0) + 1)
            return line
        }
    }

    private func left(_ key: Key) {
        // What goes with the line may be large: it goes outside the lock.
        _ = lines.withLock { lines -> Line? in
            guard let (line, count) = lines[key] else { return nil }
            guard count <= 1 else {
                lines[key] = (line, count - 1)
                return nil
            }
            lines[key] = nil
            return line
        }
    }
}
