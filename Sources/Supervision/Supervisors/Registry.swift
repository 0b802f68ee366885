import Synchronization

/// Who serves a key at present. Written by those who serve, read by all.
///
/// Every registration carries its owner's generation, and an older one than the key has seen is refused, also
/// after the newer has gone: an owner that was abandoned cannot come back. So a key stays known, with a few
/// bytes, until `forget`.
///
/// ```swift
/// try await registry.withRegistration(of: tracker, for: fleet, generation: context.generation) {
///     context.ready()
///     try await tracker.run()
/// }
/// ```
package final class Registry<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        var newestGeneration: UInt64
        var value: Value?
    }

    private struct State {
        var lastGeneration: UInt64 = 0
        var entries: [Key: Entry] = [:]
        var flights: [Key: Promise<Value>] = [:]
    }

    /// The caller that started was cancelled: someone else is to start.
    private struct FlightAbandoned: Error {}

    private enum Role {
        case done(Value)
        case leader(Promise<Value>)
        case follower(Promise<Value>)
    }

    private let state = Mutex(State())

    /// A registry without keys.
    package init() {}

    /// A generation newer than all that this registry gave or saw before.
    package func nextGeneration() -> UInt64 {
        state.withLock { state in
            state.lastGeneration &+= 1
            return state.lastGeneration
        }
    }

    /// The value registered for a key. Any thread, never waits.
    package func value(for key: Key) -> Value? { state.withLock { $0.entries[key]?.value } }

    /// Makes a value visible under a key; false when the key has seen a newer generation.
    ///
    /// Prefer `withRegistration`, which cannot forget to unregister.
    package func register(_ value: Value, for key: Key, generation: UInt64) -> Bool {
        state.withLock { state in
            if let entry = state.entries[key], entry.newestGeneration > generation { return false }
            state.entries[key] = Entry(newestGeneration: generation, value: value)
            state.lastGeneration = max(state.lastGeneration, generation)
            return true
        }
    }

    /// Takes a value away, unless a newer generation has registered since.
    package func unregister(_ key: Key, generation: UInt64) {
        state.withLock { state in
            guard state.entries[key]?.newestGeneration == generation else { return }
            state.entries[key]?.value = nil
        }
    }

    /// Registers a value while `body` runs: the clean-up is in place before the name becomes visible.
    ///
    /// - Throws: `RegistryError.outdated` when the key has seen a newer generation; what `body` throws.
    package func withRegistration<Result>(
        of value: Value, for key: Key, generation: UInt64, _ body: () async throws -> Result
    ) async throws -> Result {
        defer { unregister(key, generation: generation) }
        guard register(value, for: key, generation: generation) else { throw RegistryError.outdated }
        return try await body()
    }

    /// Forgets a key and its generations: for keys that are gone for good.
    package func forget(_ key: Key) { state.withLock { $0.entries[key] = nil } }

    /// The registered value, else what `start` returns; of many callers at once only one starts.
    ///
    /// Registers nothing itself: what was started registers with its own generation. When the caller that
    /// starts is cancelled, another of those that wait starts again, so `start` must bear being repeated
    /// (`DynamicSupervisor.ensureReady` does).
    ///
    /// - Throws: what `start` throws, to everyone who waited; `CancellationError` to one who was cancelled.
    package func value(
        for key: Key, orStart start: @Sendable () async throws -> Value
    ) async throws -> Value {
        while true {
            switch role(for: key) {
            case .done(let value): return value
            case .leader(let flight): return try await lead(flight, key, start)
            case .follower(let flight):
                do {
                    return try await flight.value()
                } catch is FlightAbandoned {
                    try Task.checkCancellation()
                }
            }
        }
    }

    private func role(for key: Key) -> Role {
        state.withLock { state in
            if let value = state.entries[key]?.value { return .done(value) }
            if let flight = state.flights[key] { return .follower(flight) }
            let flight = Promise<Value>()
            state.flights[key] = flight
            return .leader(flight)
        }
    }

    private func lead(
        _ flight: Promise<Value>, _ key: Key, _ start: () async throws -> Value
    ) async throws -> Value {
        do {
            let value = try await start()
            land(key, flight, .success(value))
            return value
        } catch {
            land(key, flight, .failure(Task.isCancelled ? FlightAbandoned() : error))
            throw error
        }
    }

    private func land(_ key: Key, _ flight: Promise<Value>, _ result: Result<Value, any Error>) {
        state.withLock { $0.flights[key] = nil }
        flight.fulfil(result)
    }
}

/// Why a registration was refused.
package enum RegistryError: Error, Equatable {
    /// The key has seen a newer generation.
    case outdated
}
