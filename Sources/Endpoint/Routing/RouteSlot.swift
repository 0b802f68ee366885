internal import EventLoops
internal import HTTP1
internal import HTTPTypes

/// What follows from a head alone, found out once. A head that may come again keeps it, see `RequestHead.attachment`.
///
/// `@unchecked Sendable`: `kept` is touched on the loop whose connections read the head, see `Request.keep`.
final class RouteSlot: @unchecked Sendable {
    /// Of bytes that are no request.
    static let unreadable = RouteSlot(.refused(.malformedPath, nil), isHead: false, givenID: nil)

    let decision: RouteDecision
    /// Whether the method is HEAD, which a route for GET handles too.
    let isHead: Bool
    /// The client's own id for the request, when it is sane.
    let givenID: RequestID?
    /// What the route's handler has left for the next request with the same head.
    fileprivate var kept: (any AnyObject & Sendable)?

    init(_ decision: RouteDecision, isHead: Bool, givenID: String?) {
        self.decision = decision
        self.isHead = isHead
        self.givenID = givenID.flatMap { RequestIDs.isSane($0) ? .given($0) : nil }
    }
}

extension Request {
    /// What the route's handler has kept for the requests with this very head. On the request's loop only.
    package var kept: (any AnyObject & Sendable)? {
        precondition(loop.isCurrent, "what a route keeps is read elsewhere")
        return slot.kept
    }

    /// Keeps a value for the requests to come with the same head, instead of the one before, if the head may come again.
    /// It lives as long as the head is remembered, and must not hold the request. On the request's loop only.
    package func keep(_ value: any AnyObject & Sendable) {
        precondition(loop.isCurrent, "what a route keeps is changed elsewhere")
        if head.mayComeAgain { slot.kept = value }
    }
}
