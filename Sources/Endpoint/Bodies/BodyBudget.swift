internal import EventLoops
internal import Sockets
internal import Synchronization

/// The account of the bodies that are being received on all loops of an endpoint, see `BodyBudgetState`.
///
/// One lock, taken once per read of a body that is incomplete after it, never for others. A body that has to end is
/// told of on its own loop, after the lock is given back.
final class BodyBudget: Sendable {
    typealias Ticket = BodyBudgetState<LoopBound<HTTPConnection>>.Ticket

    private let state: Mutex<BodyBudgetState<LoopBound<HTTPConnection>>>

    init(_ limits: BodyLimits) {
        state = Mutex(BodyBudgetState(limits))
    }

    /// The memory that incomplete bodies take, in bytes.
    var heldBytes: Int { state.withLock { $0.held } }

    /// Takes a body of `connection` into the account. The account keeps the connection alive until `ended`.
    func began(by connection: HTTPConnection, of client: ClientAddress) -> Ticket {
        let loop = connection.home.loop
        let owner = LoopBound(connection, on: loop)
        return state.withLock { $0.began(owner, of: client, at: loop.now) }
    }

    /// More of a body has arrived, see `BodyBudgetState`.
    /// - Returns: why this very body has to end; nil when it may go on.
    func grew(_ ticket: Ticket, _ body: ReceivedBody, isLarge: Bool, now: MonotonicInstant) -> BodyEnd? {
        let (received, held) = (body.count, body.heldBytes)
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
