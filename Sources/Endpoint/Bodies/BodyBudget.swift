internal import EventLoops
internal import HTTP1
internal import Sockets
internal import Synchronization

/// A connection that holds a body, or another thing that is still being received.
protocol BodyHolder: AnyObject {
    var loop: EventLoop { get }
    /// The budget has ended what the ticket names, perhaps because another connection grew. The budget counts
    /// it no more.
    func bodyEnds(_ ticket: BodyBudget.Ticket, _ cause: BodyEnd)
}

/// The memory budget for what is being received on all loops of an endpoint, see `BodyBudgetState`.
///
/// It has one lock. A read takes it once, and only if it leaves something incomplete. The holder of a body that must
/// end is notified on its own loop, after the lock is released.
final class BodyBudget: Sendable {
    typealias Ticket = BodyBudgetState<LoopBound<any BodyHolder>>.Ticket

    let limits: BodyLimits
    private let state: Mutex<BodyBudgetState<LoopBound<any BodyHolder>>>

    init(_ limits: BodyLimits) {
        self.limits = limits
        state = Mutex(BodyBudgetState(limits))
    }

    /// The memory held by all that is being received, in bytes.
    var heldBytes: Int { state.withLock { $0.held } }

    /// Adds something that `holder` receives to the budget, which keeps the holder alive until `ended`.
    func began(by holder: any BodyHolder, of client: ClientAddress) -> Ticket {
        let loop = holder.loop
        let owner = LoopBound(holder, on: loop)
        let now = loop.now
        return state.withLock { $0.began(owner, of: client, at: now) }
    }

    /// More has arrived, see `BodyBudgetState`. Notifies the holders of other bodies that must end now.
    /// - Returns: why the body of this ticket must end; nil when it may continue.
    func grew(
        _ ticket: Ticket, received: Int, held: Int, isLarge: Bool, now: MonotonicInstant
    ) -> BodyEnd? {
        let ended = state.withLock {
            $0.grew(ticket, received: received, held: held, isLarge: isLarge, now: now)
        }
        // Another loop has just ended this body; its message is on the way.
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

/// One connection's entry in the budget. It is an object, so that the many connections without an entry keep only nil.
/// Touched on its loop only.
final class BodyAccount {
    let ticket: BodyBudget.Ticket
    /// The head of the request whose body this is; nil while there is no whole head.
    let head: RequestHead?
    private var received = 0
    private let budget: BodyBudget

    /// - Parameter client: the address whose share of the budget it uses.
    init(_ budget: BodyBudget, holder: any BodyHolder, client: ClientAddress, head: RequestHead? = nil) {
        self.budget = budget
        self.head = head
        ticket = budget.began(by: holder, of: client)
    }

    /// - Parameters:
    ///   - received: the bytes received so far.
    ///   - held: the memory that they take, in bytes.
    /// - Returns: why it must end; nil when it may continue.
    func update(
        received: Int, held: @autoclosure () -> Int, isLarge: @autoclosure () -> Bool, now: MonotonicInstant
    ) -> BodyEnd? {
        guard received != self.received else { return nil }
        self.received = received
        return budget.grew(ticket, received: received, held: held(), isLarge: isLarge(), now: now)
    }

    func end() { budget.ended(ticket) }
}
