import Synchronization

/// Who serves a key at present. Written by those who serve, read by all.
///
/// Every registration carries its owner's generation, and an older one than the key has seen is refused, also
/// after the newer has gone: an owner that was abandoned cannot come back.
package final class Registry<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    package init() {}

    /// A generation newer than all before it.
    package func nextGeneration() -> UInt64 { 0 }

    /// The value registered for a key.
    package func value(for key: Key) -> Value? { nil }

    /// Makes a value visible under a key; false when the key has seen a newer generation.
    package func register(_ value: Value, for key: Key, generation: UInt64) -> Bool { false }

    /// Takes a value away, unless a newer generation has registered since.
    package func unregister(_ key: Key, generation: UInt64) {}

    /// Registers a value while `body` runs: the clean-up is in place before the name becomes visible.
    ///
    /// - Throws: `RegistryError.outdated` when the key has seen a newer generation; what `body` throws.
    package func withRegistration<Result>(
        of value: Value, for key: Key, generation: UInt64, _ body: () async throws -> Result
    ) async throws -> Result { try await body() }

    /// Forgets a key and its generations: for keys that are gone for good.
    package func forget(_ key: Key) {}

    /// The registered value, else what `start` returns; of many callers at once only one starts.
    ///
    /// Registers nothing itself: what was started registers with its own generation. When the caller that
    /// starts is cancelled, another of those that wait starts again, so `start` must bear being repeated.
    ///
    /// - Throws: what `start` throws, to everyone who waited; `CancellationError` to one who was cancelled.
    package func value(
        for key: Key, orStart start: @Sendable () async throws -> Value
    ) async throws -> Value { try await start() }
}

/// Why a registration was refused.
package enum RegistryError: Error, Equatable {
    /// The key has seen a newer generation.
    case outdated
}
