internal import HTTP1
internal import HTTPTypes

/// A head and what follows from it alone, found out once.
final class RoutedHead {
    let head: RequestHead
    let admission: Admission
    /// The client's own id for the request, when it is sane.
    let givenID: RequestID?

    init(_ head: RequestHead, _ admission: Admission) {
        self.head = head
        self.admission = admission
        givenID = head[.requestID].flatMap { RequestIDs.isSane($0) ? .given($0) : nil }
    }
}

/// The heads that a loop routed last: one that a `HeadMemo` hands out again is not routed again.
struct RoutingMemo {
    /// A power of two.
    private static let capacity = 256

    /// Each holds its head, so that no other head can come to have the same identity.
    private var entries = [RoutedHead?](repeating: nil, count: capacity)

    func routed(_ head: RequestHead) -> RoutedHead? {
        guard let entry = entries[Self.place(of: head)], entry.head === head else { return nil }
        return entry
    }

    mutating func remember(_ routed: RoutedHead) {
        guard routed.head.mayComeAgain else { return }
        entries[Self.place(of: routed.head)] = routed
    }

    /// By address; the lowest bits are those of its alignment.
    private static func place(of head: RequestHead) -> Int {
        Int(truncatingIfNeeded: (UInt(bitPattern: ObjectIdentifier(head)) >> 4) & UInt(capacity - 1))
    }
}
