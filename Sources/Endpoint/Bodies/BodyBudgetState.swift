internal import EventLoops
internal import HeapModule
internal import Sockets

/// Decides which bodies, or other things that are being received, must end so that all of them stay within their
/// limits. It has no lock and no clock.
///
/// It never refuses a new body: a body that has just begun has a high rate. The slowest body ends instead. There is one
/// entry for each incomplete body, and at most one for each open connection.
struct BodyBudgetState<Owner: Sendable> {
    /// Names a body in the budget. The ticket of a body that has ended names none, even after its place is used again.
    struct Ticket: Equatable, Sendable {
        fileprivate let place: Int
        fileprivate let generation: UInt64
    }

    /// A body that must end. The budget has removed it already.
    struct Ended: Sendable {
        let ticket: Ticket
        let owner: Owner
        let cause: BodyEnd
    }

    private struct Body {
        let generation: UInt64
        let owner: Owner
        /// The index of its client's entry in `holders`.
        let holder: Int
        let began: MonotonicInstant
        /// Its index in `Holder.bodies`.
        var index: Int
        var received = 0
        var held = 0
        var isLarge = false

        func bytesPerSecond(at now: MonotonicInstant) -> Double {
            Double(received) / Double(max(now.nanoseconds(since: began), 1))
        }
    }

    private struct Holder {
        let client: ClientAddress
        /// The places of its bodies in the list of all bodies.
        var bodies: [Int] = []
        var held = 0
        var heldLarge = 0
    }

    private let limits: BodyLimits
    private var bodies: [Body?] = []
    private var freeBodies: [Int] = []
    private var holders: [Holder?] = []
    private var freeHolders: [Int] = []
    private var holderOfClient: [ClientAddress: Int] = [:]
    /// The holders by the bytes they hold in all bodies, and by the bytes they hold in large bodies.
    private var byHeld = HeaviestFirst()
    private var byHeldLarge = HeaviestFirst()
    private var generations: UInt64 = 0
    /// The memory held by all bodies, in bytes.
    private(set) var held = 0
    private var heldLarge = 0

    init(_ limits: BodyLimits) {
        self.limits = limits
    }

    /// The number of bodies in the budget.
    var count: Int { bodies.count - freeBodies.count }
    /// The number of client addresses that have a body in the budget.
    var addresses: Int { holderOfClient.count }

    /// Adds a body to the budget, with 0 bytes for now.
    mutating func began(_ owner: Owner, of client: ClientAddress, at now: MonotonicInstant) -> Ticket {
        let holder = holderOfClient[client] ?? addHolder(client)
        let place = freeBodies.popLast() ?? bodies.count
        generations &+= 1
        let body = Body(
            generation: generations, owner: owner, holder: holder, began: now,
            index: holders[holder]?.bodies.count ?? 0)
        if place == bodies.count { bodies.append(body) } else { bodies[place] = body }
        holders[holder]?.bodies.append(place)
        return Ticket(place: place, generation: generations)
    }

    /// More of a body has arrived.
    /// - Parameters:
    ///   - received: the bytes of the body received so far.
    ///   - held: the memory that they take, in bytes.
    ///   - isLarge: whether the body is longer than `BodyLimits.smallBodyBytes`, or will be.
    /// - Returns: the bodies that must end, perhaps this one too; nil when this body has been ended before.
    mutating func grew(
        _ ticket: Ticket, received: Int, held: Int, isLarge: Bool, now: MonotonicInstant
    ) -> [Ended]? {
        guard var body = body(ticket) else { return nil }
        uncount(body)
        body.received = received
        body.held = held
        body.isLarge = isLarge
        bodies[ticket.place] = body
        count(body)
        guard exceeds(body.holder) else { return [] }
        return makeRoom(body.holder, now)
    }

    /// A body is complete, or its connection is closed.
    mutating func ended(_ ticket: Ticket) {
        guard let body = body(ticket) else { return }
        remove(body, at: ticket.place)
    }

    // MARK: Choosing the bodies that end

    private func exceeds(_ holder: Int) -> Bool {
        held > limits.totalBytes || heldLarge > largeLimit || held(by: holder) > limits.bytesPerAddress
    }

    private var largeLimit: Int { limits.totalBytes - limits.bytesForSmallBodies }

    /// The least number of bytes to free at once, if the address has that many: 64 KiB of 64 MiB. Freeing only what the
    /// limit demands would repeat the search among many small bodies for each read.
    private var batchBytes: Int { limits.totalBytes / 1_024 }

    private mutating func makeRoom(_ grown: Int, _ now: MonotonicInstant) -> [Ended] {
        var ended: [Ended] = []
        while held(by: grown) > limits.bytesPerAddress {
            end(of: grown, largeOnly: false, .address, now, &ended)
        }
        while heldLarge > largeLimit, let most = byHeldLarge.first() {
            end(of: most, largeOnly: true, .budget, now, &ended)
        }
        while held > limits.totalBytes, let most = byHeld.first() {
            end(of: most, largeOnly: false, .budget, now, &ended)
        }
        return ended
    }

    /// Ends the slowest body of an address, and the next ones until `batchBytes` are free.
    private mutating func end(
        of holder: Int, largeOnly: Bool, _ cause: BodyEnd, _ now: MonotonicInstant, _ ended: inout [Ended]
    ) {
        // A heap is cheaper than a sorted list here: mostly only the first body is needed.
        var slowest = Heap(candidates(of: holder, largeOnly: largeOnly, now))
        var freed = 0
        repeat {
            guard let place = slowest.popMin()?.place, let body = bodies[place] else { return }
            remove(body, at: place)
            freed += body.held
            ended.append(
                Ended(
                    ticket: Ticket(place: place, generation: body.generation), owner: body.owner,
                    cause: cause))
        } while freed < batchBytes
    }

    private func candidates(
        of holder: Int, largeOnly: Bool, _ now: MonotonicInstant
    ) -> [BodyRate] {
        guard let places = holders[holder]?.bodies else { return [] }
        return places.compactMap { place in
            guard let body = bodies[place], body.isLarge || !largeOnly else { return nil }
            return BodyRate(place: place, rate: body.bytesPerSecond(at: now))
        }
    }

    // MARK: Entries

    private func body(_ ticket: Ticket) -> Body? {
        guard bodies.indices.contains(ticket.place), let body = bodies[ticket.place],
            body.generation == ticket.generation
        else { return nil }
        return body
    }

    private func held(by holder: Int) -> Int { holders[holder]?.held ?? 0 }

    private mutating func addHolder(_ client: ClientAddress) -> Int {
        let holder = freeHolders.popLast() ?? holders.count
        if holder == holders.count { holders.append(nil) }
        holders[holder] = Holder(client: client)
        holderOfClient[client] = holder
        return holder
    }

    private mutating func remove(_ body: Body, at place: Int) {
        uncount(body)
        bodies[place] = nil
        freeBodies.append(place)
        guard var holder = holders[body.holder] else { return }
        holders[body.holder] = nil
        if let last = holder.bodies.popLast(), last != place {
            holder.bodies[body.index] = last
            bodies[last]?.index = body.index
        }
        if holder.bodies.isEmpty {
            holderOfClient[holder.client] = nil
            freeHolders.append(body.holder)
        } else {
            holders[body.holder] = holder
        }
    }

    private mutating func count(_ body: Body) { add(body.held, of: body) }
    private mutating func uncount(_ body: Body) { add(-body.held, of: body) }

    private mutating func add(_ bytes: Int, of body: Body) {
        guard bytes != 0 else { return }
        held += bytes
        holders[body.holder]?.held += bytes
        byHeld.set(body.holder, weight: held(by: body.holder))
        guard body.isLarge else { return }
        heldLarge += bytes
        holders[body.holder]?.heldLarge += bytes
        byHeldLarge.set(body.holder, weight: holders[body.holder]?.heldLarge ?? 0)
    }
}

/// A body and how fast it arrives, in bytes a nanosecond. The slowest body sorts first; of equal rates,
/// the lowest place.
private struct BodyRate: Comparable {
    let place: Int
    let rate: Double

    static func < (left: Self, right: Self) -> Bool {
        (left.rate, left.place) < (right.rate, right.place)
    }
}
