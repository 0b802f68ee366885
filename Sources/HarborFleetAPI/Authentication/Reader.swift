internal import Endpoint
internal import EventLoops
package import FleetAccess

/// The identity of a client that reads, and the credential that proved it. A head keeps its reader, so that a
/// repeated read takes no lock and checks no credential again.
package final class Reader: Sendable {
    /// What the reader may read, and until when.
    package let identity: Identity
    /// nil when reads need no credential.
    let credential: Credential?
    /// `Authenticator.generation` as it was before the reader was looked up.
    let generation: UInt64
    /// From this instant on the credential is checked again.
    private let until: MonotonicInstant

    init(_ identity: Identity, by credential: Credential?, generation: UInt64, until: MonotonicInstant) {
        self.identity = identity
        self.credential = credential
        self.generation = generation
        self.until = until
    }

    /// Whether a request with the same head certainly comes from this reader. The identity may have expired.
    func isStill(for request: Request, generation: UInt64) -> Bool {
        self.generation == generation && request.receivedAt < until
    }
}
