internal import HTTP1
internal import HTTPTypes

/// What follows from a head alone, found out once. A head that may come again keeps it, see `RequestHead.attachment`.
final class RouteSlot: Sendable {
    /// Of bytes that are no request.
    static let unreadable = RouteSlot(.refused(.malformedPath, nil), givenID: nil)

    let decision: RouteDecision
    /// The client's own id for the request, when it is sane.
    let givenID: RequestID?

    init(_ decision: RouteDecision, givenID: String?) {
        self.decision = decision
        self.givenID = givenID.flatMap { RequestIDs.isSane($0) ? .given($0) : nil }
    }
}
