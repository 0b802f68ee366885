import Synchronization

/// A table of the values that currently serve each key. The owners of values write it, and any thread reads it.
///
/// Every registration has its owner's generation. The registry refuses a generation older than the newest that the key
/// has seen, even if the newer value is gone, so that an abandoned owner cannot register again. Therefore a key takes a
/// few bytes until `forget`.
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

    /// Makes an empty registry.
    package init() {}

    /// The value registered for a key; nil without one. It may be called from any thread and does not wait for a task.
    package func value(for key: Key) -> Value? { entries.withLock { $0[key]?.value } }

    /// Registers a value while `body` runs. The clean-up is in place before the value becomes visible, so the value
    /// cannot stay behind.
    ///
    /// - Throws: `RegistryError.outdated` when the key has seen a newer generation; what `body` throws.
    package func withRegistration<Result>(
        of value: Value, for key: Key, generation: UInt64, _ body: () async throws -> Result
    ) async throws -> Result {
        defer { unregister(key, generation: generation) }
        guard register(value, for: key, generation: generation) else { throw RegistryError.outdated }
        return try await body()
    }

    /// Removes a key and its generations, for keys that will not be used again.
    package func forget(_ key: Key) { entries.withLock { $0[key] = nil } }

    /// Makes a value visible under a key; false when the key has seen a newer generation.
    func register(_ value: Value, for key: Key, generation: UInt64) -> Bool {
        entries.withLock { entries in
            if let entry = entries[key], entry.newestGeneration > generation { return false }
            entries[key] = Entry(newestGeneration: generation, value: value)
            return true
        }
    }

    /// Removes a value, unless a newer generation has registered since.
    func unregister(_ key: Key, generation: UInt64) {
        entries.withLock { entries in
            guard entries[key]?.newestGeneration == generation else { return }
            entries[key]?.value = nil
        }
    }
}

/// The errors of a registry.
package enum RegistryError: Error, Equatable {
    /// The key has seen a newer generation.
    case outdated
}
