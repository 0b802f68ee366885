internal import EventLoops

/// Something with the instant from which on it was made.
struct Dated<Value: Sendable>: Sendable {
    let began: MonotonicInstant
    let value: Value
}

extension SingleFlight {
    /// What `make`, which runs on no loop, makes of a state that is no older than this call: of the callers who wait
    /// for one key the first makes it for all who had come by then.
    /// - Throws: `CancellationError` when it is the turn of a caller that was cancelled.
    func fresh<Made>(for key: Key, make: @Sendable () async -> Made) async throws -> Made
    where Value == Dated<Made> {
        let asked = MonotonicInstant.read()
        let made = try await value(for: key, if: { $0.began >= asked }) {
            Dated(began: .read(), value: await make())
        }
        return made.value
    }
}
