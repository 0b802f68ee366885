internal import HTTP1

/// Where the heads led that a loop routed last: one that a `HeadMemo` hands out again is not routed again.
struct AdmissionMemo {
    private struct Entry {
        /// Held, so that no other head can come to have the same identity.
        let head: RequestHead
        let admission: Admission
    }

    private static let capacity = 256

    private var entries = [Entry?](repeating: nil, count: capacity)

    func admission(of head: RequestHead) -> Admission? {
        guard let entry = entries[Self.place(of: head)], entry.head === head else { return nil }
        return entry.admission
    }

    mutating func remember(_ admission: Admission, of head: RequestHead) {
        guard head.mayComeAgain else { return }
        entries[Self.place(of: head)] = Entry(head: head, admission: admission)
    }

    /// By address; the lowest bits are those of its alignment.
    private static func place(of head: RequestHead) -> Int {
        Int((UInt(bitPattern: ObjectIdentifier(head)) >> 4) % UInt(capacity))
    }
}
