internal import Synchronization

/// Caches the encoded bytes of an immutable value from their first use on. A wire format makes the bytes, because
/// the domain knows none. A value that is never sent is never encoded.
package struct EncodedForm: ~Copyable, Sendable {
    private final class Bytes: Sendable {
        let content: [UInt8]

        init(_ content: [UInt8]) { self.content = content }
    }

    private let kept = AtomicLazyReference<Bytes>()

    package init() {}

    /// Returns the bytes; the first call makes them with `encode`. Lock-free: two threads that call at the same
    /// time may both encode, and then use the same result.
    package func bytes(_ encode: () -> [UInt8]) -> [UInt8] {
        (kept.load() ?? kept.storeIfNil(Bytes(encode()))).content
    }
}
