internal import Synchronization

/// Keeps the bytes in which an immutable value is sent, from their first use on. What they look like is not the domain's
/// business: a wire format makes them. A value that nobody reads costs no encoding.
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
