internal import Endpoint
internal import EventLoops
internal import HTTP1
internal import HarborFleet

/// The answers that one loop gave last, found by the head that asked: a repeated read costs neither a lock nor a
/// look at its path, its credential and its conditions. Touched on its loop only.
///
/// A head's answer depends on nothing but the snapshot, the reader and the head.
final class StatusMemo {
    /// Why an answer may be given again.
    struct Grounds {
        /// Where the snapshot is, and `cell.changes` from before it was taken.
        let cell: SnapshotCell
        let changes: UInt64
        /// `Authenticator.generation` from before the reader was found out.
        let generation: UInt64
        /// Then it is asked again who the reader is.
        let until: MonotonicInstant
        /// From then on the reader may not read.
        let expiresAt: Timestamp?
    }

    /// An object, so that looking at one retains one thing.
    private final class Entry {
        /// Held, so that no other head can come to have the same identity.
        let head: RequestHead
        let grounds: Grounds
        let answer: PreparedResponse

        init(_ head: RequestHead, _ grounds: Grounds, _ answer: PreparedResponse) {
            self.head = head
            self.grounds = grounds
            self.answer = answer
        }
    }

    /// A power of two. Two heads that meet at one place take it from each other: slower, not wrong.
    private static let capacity = 256
    /// An answer that is kept may outlive its snapshot. Of a larger one the look-ups are a small part anyway.
    private static let maximumBytes = 32_768

    private var entries = [Entry?](repeating: nil, count: capacity)

    /// What the same request was answered with before, while it is still the answer.
    /// - Parameter now: asked for readers that expire.
    func answer(
        to request: Request, generation: UInt64, now: () -> Timestamp
    ) -> PreparedResponse? {
        guard let entry = entries[Self.place(of: request.head)], entry.head === request.head,
            entry.grounds.generation == generation, request.receivedAt < entry.grounds.until,
            entry.grounds.cell.changes == entry.grounds.changes
        else { return nil }
        if let expiresAt = entry.grounds.expiresAt, expiresAt <= now() { return nil }
        return entry.answer
    }

    /// Remembers an answer, if the same head may come again.
    func remember(_ answer: PreparedResponse, to request: Request, on grounds: Grounds) {
        guard request.head.mayComeAgain, answer.byteCount <= Self.maximumBytes else { return }
        entries[Self.place(of: request.head)] = Entry(request.head, grounds, answer)
    }

    /// By address; the lowest bits are those of its alignment.
    private static func place(of head: RequestHead) -> Int {
        Int(truncatingIfNeeded: (UInt(bitPattern: ObjectIdentifier(head)) >> 4) & UInt(capacity - 1))
    }
}
