internal import EventLoops
internal import HTTP1
internal import Sockets
internal import Synchronization

/// A connection that holds something which is still being received.
protocol BodyHolder: AnyObject {
    var loop: EventLoop { get }
    /// What it holds has to end, others have found. It is out of the account already.
    func bodyEnds(_ ticket: BodyBudget.Ticket, _ cause: BodyEnd)
}

/// The account of what is being received on all loops of an endpoint, see `BodyBudgetState`.
///
/// One lock, taken once per read that leaves something incomplete, never for others. A body that has to end is told so on its
/// own loop, after the lock is given back.
final class BodyBudget: Sendable {
    typealias Ticket = BodyBudgetState<LoopBound<any BodyHolder>>.Ticket

    let limits: BodyLimits
    private let state: Mutex<BodyBudgetState<LoopBound<any BodyHolder>>>

    init(_ limits: BodyLimits) {
        self.limits = limits
        state = Mutex(BodyBudgetState(limits))
    }

    /// The memory that all of it takes, in bytes.
    var heldBytes: Int { state.withLock { $0.held } }

    /// Takes something of `holder` into the account, which keeps the holder alive until `ended`.
    func began(by holder: any BodyHolder, of client: ClientAddress) -> Ticket {
        let loop = holder.loop
        let owner = LoopBound(holder, on: loop)
        let now = loop.now
        return state.withLock { $0.began(owner, of: client, at: now) }
    }

    /// More has arrived, see `BodyBudgetState`.
    /// - Returns: why this very one has to end; nil when it may go on.
    func grew(
        _ ticket: Ticket, received: Int, held: Int, isLarge: Bool, now: MonotonicInstant
    ) -> BodyEnd? {
        let ended = state.withLock {
            $0.grew(ticket, received: received, held: held, isLarge: isLarge, now: now)
        }
        // Ended a moment ago by another loop, whose word is on its way.
        guard let ended else { return .budget }
        var ownEnd: BodyEnd?
        for body in ended {
            guard body.ticket != ticket else {
                ownEnd = body.cause
                continue
            }
            body.owner.loop.execute { body.owner.value.bodyEnds(body.ticket, body.cause) }
        }
        return ownEnd
    }

    func ended(_ ticket: Ticket) {
        state.withLock { $0.ended(ticket) }
    }
}

/// What one connection has in the account: an object, because nearly all have nothing there. Touched on its loop only.
final class BodyAccount {
    let ticket: BodyBudget.Ticket
    /// Of the request whose body it is; nil for what belongs to none yet.
    let head: RequestHead?
    private var received = 0
    private let budget: BodyBudget

    /// - Parameter client: the address that it counts for.
    init(_ budget: BodyBudget, holder: any BodyHolder, client: ClientAddress, head: RequestHead? = nil) {
        self.budget = budget
        self.head = head
        ticket = budget.began(by: holder, of: client)
    }

    /// - Parameters:
    ///   - received: bytes so far.
    ///   - held: the memory that they take.
    /// - Returns: why it has to end; nil when it may go on.
    func update(
        received: Int, held: @autoclosure () -> Int, isLarge: @autoclosure () -> Bool, now: MonotonicInstant
    ) -> BodyEnd? {
        guard received != self.received else { return nil }
        self.received = received
        return budget.grew(ticket, received: received, held: held(), isLarge: isLarge(), now: now)
    }

    func end() { budget.ended(ticket) }
}
