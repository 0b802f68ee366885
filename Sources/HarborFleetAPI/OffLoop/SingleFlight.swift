internal import Supervision
internal import Synchronization

/// Large things that many callers want at once: of the callers that wait for one key the first makes it for all that had
/// come by then.
///
/// Keys do not wait for each other, but for a processor. Each key has a queue, which goes with its value when it is empty.
/// The makers' width bounds what is made at once, so that the rest of the server finds a thread.
package final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    final class Flight: Sendable {
        fileprivate let semaphore = AsyncSemaphore(permits: 1)
        fileprivate let made = Mutex<Value?>(nil)
    }

    let flights = Mutex<[Key: (flight: Flight, callers: Int)]>([:])
    private let makers: OffLoopWork

    /// - Parameter width: values that are made at once.
    convenience init(width: Int) {
        // The callers bound the number of keys.
        self.init(makers: OffLoopWork(width: width, maximumWaiting: .max))
    }

    /// - Parameter makers: makes the values; others may use it too, and are bounded together with these.
    package init(makers: OffLoopWork) { self.makers = makers }

    /// What was made last if it `fits`, or else what `make` makes; on no loop.
    /// - Throws: `CancellationError` when it is the turn of a caller that was cancelled.
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
        // What goes with the flight may be large: it goes outside the lock.
        _ = flights.withLock { flights -> Flight? in
            flights[key]?.callers -= 1
            return flights[key]?.callers == 0 ? flights.removeValue(forKey: key)?.flight : nil
        }
    }
}
