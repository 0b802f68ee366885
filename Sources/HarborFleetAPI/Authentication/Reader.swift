internal import Endpoint
internal import EventLoops
package import FleetAccess

/// Who reads, and what proved it. A head keeps its reader, so that a repeated read takes no lock and checks no credential
/// again.
package final class Reader: Sendable {
    /// What the reader may read, and until when.
    package let identity: Identity
    /// nil where reads need none.
    let credential: Credential?
    /// `Authenticator.generation` from before the reader was found out.
    let generation: UInt64
    /// From then on the credential is looked at again.
    private let until: MonotonicInstant

    init(_ identity: Identity, by credential: Credential?, generation: UInt64, until: MonotonicInstant) {
        self.identity = identity
        self.credential = credential
        self.generation = generation
        self.until = until
    }

    /// Whether it is known to be the reader of a request with the same head. It may have expired.
    func isStill(for request: Request, generation: UInt64) -> Bool {
        self.generation == generation && request.receivedAt < until
    }
}
