internal import Supervision
internal import Synchronization

/// Makes large values that many callers want at once: of the callers that wait for one key, the first makes the
/// value for all that had arrived by then.
///
/// Keys do not wait for each other, except for a processor. Each key has a queue, which is freed with its value
/// once it is empty. The width of `makers` bounds concurrent work, so that the rest of the server still gets
/// threads.
package final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    final class Flight: Sendable {
        fileprivate let semaphore = AsyncSemaphore(permits: 1)
        fileprivate let made = Mutex<Value?>(nil)
    }

    let flights = Mutex<[Key: (flight: Flight, callers: Int)]>([:])
    private let makers: OffLoopWork

    /// - Parameter width: values that may be made at a time.
    convenience init(width: Int) {
        // The callers bound the number of keys.
        self.init(makers: OffLoopWork(width: width, maximumWaiting: .max))
    }

    /// - Parameter makers: runs `make`. Others may share it; its bounds then hold for all together.
    package init(makers: OffLoopWork) { self.makers = makers }

    /// The last value if it `fits`, else a new one from `make`, which runs off the loops.
    /// - Throws: `CancellationError` if the caller was cancelled before its turn.
    package func value(
        for key: Key, if fits: @Sendable (Value) -> Bool, make: @Sendable () async -> Value
    ) async throws -> Value {
        let flight = joined(key)
        defer { left(key) }
        return try await flight.semaphore.withPermit {
            if let made = flight.made.withLock({ $0 }), fits(made) { return made }
            let value = try await makers.run(make)
            flight.made.withLock { $0 = value }
            return value
        }
    }

    private func joined(_ key: Key) -> Flight {
        flights.withLock { flights in
            let flight = flights[key]?.flight ?? Flight()
            flights[key] = (flight, (flights[key]?.callers ?? 0) + 1)
            return flight
        }
    }

    private func left(_ key: Key) {
        // The flight may hold a large value, so it is freed outside the lock.
        _ = flights.withLock { flights -> Flight? in
            flights[key]?.callers -= 1
            return flights[key]?.callers == 0 ? flights.removeValue(forKey: key)?.flight : nil
        }
    }
}
