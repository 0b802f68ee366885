import Synchronization

/// The value that serves each key at present. Its owners write it, any thread reads it.
///
/// Every registration carries its owner's generation. The registry refuses a generation older than the newest that the
/// key has seen, also after the newer value has gone: an abandoned owner cannot come back. So a key stays known, with
/// a few bytes, until `forget`.
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

    private let entries = Mutex<[Key: Entry]>([:])

    /// A registry without keys.
    package init() {}

    /// The value registered for a key. Any thread, never waits.
    package func value(for key: Key) -> Value? { entries.withLock { $0[key]?.value } }

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
    package func forget(_ key: Key) { entries.withLock { $0[key] = nil } }

    /// Makes a value visible under a key; false when the key has seen a newer generation.
    func register(_ value: Value, for key: Key, generation: UInt64) -> Bool {
        entries.withLock { entries in
            if let entry = entries[key], entry.newestGeneration > generation { return false }
            entries[key] = Entry(newestGeneration: generation, value: value)
            return true
        }
    }

    /// Takes a value away, unless a newer generation has registered since.
    func unregister(_ key: Key, generation: UInt64) {
        entries.withLock { entries in
            guard entries[key]?.newestGeneration == generation else { return }
            entries[key]?.value = nil
        }
    }
}

/// Why a registration was refused.
package enum RegistryError: Error, Equatable {
    /// The key has seen a newer generation.
    case outdated
}
