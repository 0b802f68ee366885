internal import Synchronization

/// Keeps the encoded bytes of an immutable value from their first use on. A wire format makes them, since the domain knows
/// none. A value that is never sent is never encoded.
package struct EncodedForm: ~Copyable, Sendable {
    private final class Bytes: Sendable {
        let content: [UInt8]

        init(_ content: [UInt8]) { self.content = content }
    }

    private let kept = AtomicLazyReference<Bytes>()

    package init() {}

    /// The bytes, made by `encode` on the first call. Lock-free: two threads that come at once both make them, and use the
    /// same ones.
    package func bytes(_ encode: () -> [UInt8]) -> [UInt8] {
        (kept.load() ?? kept.storeIfNil(Bytes(encode()))).content
    }
}
