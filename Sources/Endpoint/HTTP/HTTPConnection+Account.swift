internal import EventLoops
internal import Sockets

/// What a connection holds of a request that is not complete, in the account of all: half a head, a body, and what it
/// has read and may not consume yet.
extension HTTPConnection: BodyHolder {
    /// Ignored when what the ticket names has ended meanwhile.
    func bodyEnds(_ ticket: BodyBudget.Ticket, _ cause: BodyEnd) {
        guard account?.ticket == ticket else { return }
        perform { cut(cause) }
    }

    /// Tells the account what is held. What is complete at the end of an event never gets here.
    func keepAccount() {
        let received = state.incompleteBytes + unread.count
        // An event may have closed it, and nothing would take it out again; and what is thrown away is not held.
        guard received > 0, isOpen, !state.discardsInput else { return leaveAccount() }
        // Half a head is its peer's; the body that follows may be another's, behind a proxy.
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
