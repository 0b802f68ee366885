internal import EventLoops
internal import HTTP1
internal import HTTPTypes

/// The facts that follow from a head alone. They are computed once: a head that may be repeated keeps its slot, see
/// `RequestHead.attachment`.
///
/// `@unchecked Sendable`: `kept` is touched only on the loop whose connections read the head. `Request.keep` checks it.
final class RouteSlot: @unchecked Sendable {
    /// The slot for bytes that are no request, and for refused connections.
    static let unreadable = RouteSlot(.refused(.malformedPath, nil), isHead: false, givenID: nil)

    let decision: RouteDecision
    /// Whether the method is HEAD, which a route for GET handles too.
    let isHead: Bool
    /// The client's own id for the request, if it is valid.
    let givenID: RequestID?
    /// A value that the route's handler keeps for the next request with the same head.
    fileprivate var kept: (any AnyObject & Sendable)?

    init(_ decision: RouteDecision, isHead: Bool, givenID: String?) {
        self.decision = decision
        self.isHead = isHead
        self.givenID = givenID.flatMap { RequestIDs.isSane($0) ? .given($0) : nil }
    }
}

extension Request {
    /// The value that the route's handler has kept for requests with this same head. Call it on the
    /// request's loop only.
    package var kept: (any AnyObject & Sendable)? {
        precondition(loop.isCurrent, "the kept value of a route is read off its loop")
        return slot.kept
    }

    /// Keeps a value for later requests with the same head, in place of the last one. Does nothing if the head cannot
    /// be repeated. The value lives as long as the head stays cached, and must not hold the request. Call it on the
    /// request's loop only.
    package func keep(_ value: any AnyObject & Sendable) {
        precondition(loop.isCurrent, "the kept value of a route is changed off its loop")
        if head.mayComeAgain { slot.kept = value }
    }
}
