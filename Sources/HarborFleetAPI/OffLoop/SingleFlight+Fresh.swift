internal import EventLoops

/// A value with the instant at which its making began.
struct Dated<Value: Sendable>: Sendable {
    let began: MonotonicInstant
    let value: Value
}

extension SingleFlight {
    /// A value from a state that is no older than this call. `make` runs off the loops. Of the callers that wait
    /// for one key, the first makes the value for all that had arrived by then.
    /// - Throws: `CancellationError` if the caller was cancelled before its turn.
    func fresh<Made>(for key: Key, make: @Sendable () async -> Made) async throws -> Made
    where Value == Dated<Made> {
        let asked = MonotonicInstant.read()
        let made = try await value(for: key, if: { $0.began >= asked }) {
            Dated(began: .read(), value: await make())
        }
        return made.value
    }
}
