internal import Endpoint
internal import EventLoops
internal import FleetAccess
internal import HTTP1
internal import HTTPTypes

/// Who the last bearers on one loop were: their next read costs neither a lock nor a String. Touched on its loop
/// only.
final class BearerMemo {
    private final class Entry {
        let header: String
        /// The head that showed it, when it may come again as the same object: then there is nothing to compare.
        let head: RequestHead?
        let identity: Identity
        let generation: UInt64
        let until: MonotonicInstant

        init(
            _ header: String, in head: RequestHead, _ identity: Identity, generation: UInt64,
            until: MonotonicInstant
        ) {
            self.header = header
            self.head = head.mayComeAgain ? head : nil
            self.identity = identity
            self.generation = generation
            self.until = until
        }

        func isShown(in other: RequestHead) -> Bool {
            head === other || other.fieldEquals(.authorization, header)
        }
    }

    /// Each is compared with the request's header, so only a few.
    private static let capacity = 4

    private var entries: [Entry] = []
    private var oldest = 0

    /// The identity behind the request's `Authorization`, if it was found out in this generation.
    func identity(of request: Request, generation: UInt64) -> Identity? {
        for entry in entries where entry.isShown(in: request.head) {
            guard entry.generation == generation, request.receivedAt < entry.until else { return nil }
            return entry.identity
        }
        return nil
    }

    /// Remembers what was found out for the request, when it was by its bearer token: beside another scheme's field, which is
    /// a proxy's and the same for all its clients, the reader is known by a cookie or the query.
    func remember(_ identity: Identity, of request: Request, generation: UInt64) {
        guard let header = request.head[.authorization], Credential.isToken(inAuthorization: header) else {
            return
        }
        let entry = Entry(
            header, in: request.head, identity, generation: generation,
            until: request.receivedAt.advanced(by: Authenticator.trust))
        if let index = entries.firstIndex(where: { $0.header == header }) {
            entries[index] = entry
        } else if entries.count < Self.capacity {
            entries.append(entry)
        } else {
            entries[oldest] = entry
            oldest = (oldest + 1) % Self.capacity
        }
    }
}
