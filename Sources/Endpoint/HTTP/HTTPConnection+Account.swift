internal import EventLoops
internal import Sockets

/// The connection's entry in the body budget. It counts what the connection holds of an incomplete request: a part of a
/// head, a body, and input that it has read but may not consume yet.
extension HTTPConnection: BodyHolder {
    /// Does nothing if the entry that the ticket names has ended meanwhile.
    func bodyEnds(_ ticket: BodyBudget.Ticket, _ cause: BodyEnd) {
        guard account?.ticket == ticket else { return }
        perform { cut(cause) }
    }

    /// Reports to the body budget what is held at the end of an event. Requests that are complete by then
    /// are never counted.
    func keepAccount() {
        let received = state.incompleteBytes + unread.count
        // An event may have closed the connection; an entry made after that would never be removed. Discarded input is
        // not held.
        guard received > 0, isOpen, !state.discardsInput else { return leaveAccount() }
        // A part of a head counts for the peer. Behind a proxy, the body that follows counts for the forwarded client.
        if let account, account.head !== state.head { leaveAccount() }
        let account = self.account ?? enterAccount()
        let cause = account.update(
            received: received, held: state.heldBytes + unread.capacity,
            isLarge: state.isBodyLonger(than: connections.bodies.limits.smallBodyBytes), now: now)
        if let cause { cut(cause) }
    }

    func leaveAccount() {
        account?.end()
        account = nil
    }

    private func enterAccount() -> BodyAccount {
        let client = state.head.map { dispatcher.clientAddress(of: peerAddress, $0) } ?? peerAddress
        let account = BodyAccount(
            connections.bodies, holder: self, client: client.client, head: state.head)
        self.account = account
        return account
    }

    private func cut(_ cause: BodyEnd) {
        leaveAccount()
        connections.observer.bodyEnded(cause)
        switch state.cut() {
        case .none, .close: break
        case .requestTimedOut(let head, _): fail(with: EndpointError.requestTimedOut, of: head)
        }
    }
}
