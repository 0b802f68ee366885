import EventLoops
import HarborFleetTesting
import Sockets
import Testing

@testable import Endpoint

/// The budget has 1,000 bytes: 250 per address, and 125 that only bodies of at most 10 bytes may use.
@Suite struct BodyBudgetStateTests {
    private struct Budget {
        var state: BodyBudgetState<String>
        var tickets: [String: BodyBudgetState<String>.Ticket] = [:]

        init(perAddress: Int = 250) {
            var limits = BodyLimits()
            limits.totalBytes = 1_000
            limits.bytesPerAddress = perAddress
            limits.bytesForSmallBodies = 125
            limits.smallBodyBytes = 10
            state = BodyBudgetState(limits)
        }

        /// Returns the bodies that end when this one has `bytes`, as `"name cause"`; nil when it has ended before.
        mutating func grow(
            _ name: String, of host: String = "10.0.0.1", to bytes: Int, large: Bool = true,
            at milliseconds: UInt64
        ) throws -> [String]? {
            let now = MonotonicInstant(nanoseconds: 1_000_000_000_000 + milliseconds * 1_000_000)
            let client = try SocketAddress(host: host, port: 1).client
            let ticket = tickets[name] ?? state.began(name, of: client, at: now)
            tickets[name] = ticket
            return state.grew(ticket, received: bytes, held: bytes, isLarge: large, now: now)?.map {
                "\($0.owner) \($0.cause)"
            }
        }

        mutating func end(_ name: String) throws {
            state.ended(try #require(tickets[name]))
            tickets[name] = nil
        }
    }

    @Test func heldBytes_areCountedAndGivenBack() throws {
        var budget = Budget()
        #expect(try budget.grow("a", to: 100, at: 0) == [])
        #expect(try budget.grow("a", to: 200, at: 1) == [])
        #expect(try budget.grow("b", of: "10.0.0.2", to: 50, at: 1) == [])
        #expect(budget.state.held == 250 && budget.state.count == 2 && budget.state.addresses == 2)
        try budget.end("a")
        #expect(budget.state.held == 50 && budget.state.count == 1 && budget.state.addresses == 1)
        try budget.end("b")
        #expect(budget.state.held == 0 && budget.state.count == 0 && budget.state.addresses == 0)
    }

    @Test func address_losesItsSlowestBody_whenItExceedsItsShare() throws {
        var budget = Budget()
        #expect(try budget.grow("slow", to: 100, at: 0) == [])
        #expect(try budget.grow("fast", to: 100, at: 500) == [])
        #expect(try budget.grow("other", of: "10.0.0.2", to: 10, at: 500) == [])
        #expect(try budget.grow("new", to: 60, at: 1_000) == ["slow address"])
        #expect(budget.state.held == 170)
        // The end is reported once, and later bytes of the ended body do not count.
        #expect(try budget.grow("slow", to: 101, at: 1_001) == nil)
        #expect(budget.state.held == 170)
    }

    @Test func onlyBodyOfAnAddress_ends_whenItExceedsTheShare() throws {
        var budget = Budget()
        #expect(try budget.grow("only", to: 250, at: 1) == [])
        #expect(try budget.grow("only", to: 251, at: 2) == ["only address"])
        #expect(budget.state.held == 0 && budget.state.addresses == 0)
    }

    @Test func fullBudget_endsTheSlowestBodyOfTheLargestAddress() throws {
        var budget = Budget(perAddress: 1_000)
        // The slowest of all belongs to an address that holds little.
        #expect(try budget.grow("crumb", of: "10.0.0.9", to: 1, at: 0) == [])
        #expect(try budget.grow("a1", of: "10.0.0.1", to: 300, at: 100) == [])
        #expect(try budget.grow("a2", of: "10.0.0.1", to: 200, at: 200) == [])
        #expect(try budget.grow("b1", of: "10.0.0.2", to: 370, at: 0) == [])
        // At 1 s: a1 has 333 B/s, a2 250 B/s, b1 370 B/s.
        #expect(try budget.grow("new", of: "10.0.0.3", to: 50, at: 1_000) == ["a2 budget"])
        // The address of b1 holds 370 bytes and that of a1 only 300, so b1 ends.
        #expect(try budget.grow("big", of: "10.0.0.4", to: 200, at: 1_001) == ["b1 budget"])
    }

    @Test func newBody_stays_whileAnOlderOneOfItsAddressIsSlower() throws {
        var budget = Budget()
        #expect(try budget.grow("old", to: 249, at: 0) == [])
        #expect(try budget.grow("new", to: 2, at: 1_000) == ["old address"])
        #expect(try budget.grow("new", to: 3, at: 1_001) == [])
    }

    @Test func smallBodies_haveRoomThatLargeOnesCannotTake() throws {
        var budget = Budget(perAddress: 1_000)
        #expect(try budget.grow("l1", of: "10.0.0.1", to: 500, at: 0) == [])
        #expect(try budget.grow("l2", of: "10.0.0.2", to: 375, at: 0) == [])
        #expect(try budget.grow("s1", of: "10.0.0.3", to: 100, large: false, at: 10) == [])
        #expect(try budget.grow("l3", of: "10.0.0.4", to: 1, at: 20) == ["l1 budget"])
        #expect(budget.state.held == 476)
    }

    @Test func smallBodies_areSpared_whenALargeBodyOfTheirAddressEnds() throws {
        var budget = Budget(perAddress: 1_000)
        #expect(try budget.grow("s1", to: 5, large: false, at: 0) == [])
        #expect(try budget.grow("l1", to: 500, at: 100) == [])
        #expect(try budget.grow("l2", to: 376, at: 200) == ["l1 budget"])
        #expect(try budget.grow("s1", to: 6, large: false, at: 1_000) == [])
    }

    @Test func body_countsAsLarge_onceItIsNoLongerSmall() throws {
        var budget = Budget(perAddress: 1_000)
        #expect(try budget.grow("l1", of: "10.0.0.1", to: 870, at: 0) == [])
        #expect(try budget.grow("b", of: "10.0.0.2", to: 10, large: false, at: 10) == [])
        #expect(try budget.grow("b", of: "10.0.0.2", to: 11, large: true, at: 20) == ["l1 budget"])
    }

    @Test func smallBodies_endLikeOthers_beyondTheirReserve() throws {
        var budget = Budget(perAddress: 1_000)
        for number in 0..<100 {
            let host = "10.0.1.\(number)"
            #expect(try budget.grow("s\(number)", of: host, to: 10, large: false, at: UInt64(number)) == [])
        }
        #expect(budget.state.held == 1_000)
        let ended = try #require(try budget.grow("t", of: "10.0.2.1", to: 10, large: false, at: 200))
        #expect(ended.count == 1 && ended[0] != "t budget")
        #expect(budget.state.held == 1_000)
    }

    @Test func ipv6Network_countsAsOneAddress() throws {
        var budget = Budget()
        #expect(try budget.grow("a", of: "2001:db8:1:2::1", to: 200, at: 0) == [])
        #expect(try budget.grow("b", of: "2001:db8:1:2:ffff::9", to: 60, at: 5) == ["a address"])
        #expect(try budget.grow("c", of: "2001:db8:1:3::1", to: 200, at: 9) == [])
    }

    @Test func ticket_differs_whenItsPlaceIsUsedAgain() throws {
        var budget = Budget()
        #expect(try budget.grow("a", to: 10, at: 0) == [])
        let old = try #require(budget.tickets["a"])
        try budget.end("a")
        #expect(try budget.grow("b", to: 20, at: 1) == [])
        budget.state.ended(old)
        #expect(budget.state.held == 20)
        #expect(try budget.grow("b", to: 30, at: 2) == [])
    }

    /// Clients choose the order of events. The sums must be right after each of them.
    @Test func budget_staysWithinItsLimits_inAnyOrderOfEvents() throws {
        var budget = Budget()
        var random = SeededGenerator(seed: 7)
        var held: [String: (host: String, bytes: Int)] = [:]
        for step in 0..<5_000 {
            let name = "n\(Int.random(in: 0..<60, using: &random))"
            if held[name] != nil, Int.random(in: 0..<4, using: &random) == 0 {
                try budget.end(name)
                held[name] = nil
            } else {
                let old = held[name] ?? ("10.0.0.\(Int.random(in: 0..<8, using: &random))", 0)
                let bytes = old.bytes + Int.random(in: 1...40, using: &random)
                held[name] = (old.host, bytes)
                let ended = try #require(
                    try budget.grow(name, of: old.host, to: bytes, large: bytes > 10, at: UInt64(step)))
                for end in ended {
                    let name = String(end.prefix { $0 != " " })
                    held[name] = nil
                    budget.tickets[name] = nil
                }
            }
            #expect(budget.state.held == held.values.reduce(0) { $0 + $1.bytes })
            #expect(budget.state.held <= 1_000 && budget.state.count == held.count)
            let large = held.values.filter { $0.bytes > 10 }.reduce(0) { $0 + $1.bytes }
            #expect(large <= 875)
            let byHost = Dictionary(grouping: held.values) { $0.host }
            #expect(byHost.values.allSatisfy { $0.reduce(0) { $0 + $1.bytes } <= 250 })
            #expect(budget.state.addresses == byHost.count)
        }
    }
}

@Suite struct ReceivedBodyTests {
    @Test func body_comesOutWhole_whenItCameInPieces() {
        var body = ReceivedBody()
        var expected: [UInt8] = []
        for size in [1, 7, 16_384, 3, 65_536, 100_000, 1, 2] {
            let piece = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ size) }
            body.append(copying: piece.span)
            expected += piece
            #expect(body.count == expected.count)
        }
        #expect(body.take() == expected)
        #expect(body.count == 0 && body.heldBytes == 0 && body.take().isEmpty)
    }

    @Test func slowBody_ownsLittleMoreThanItsBytes() {
        var body = ReceivedBody()
        for _ in 0..<700_000 { body.append(copying: [1].span) }
        #expect(body.heldBytes >= 700_000)
        #expect(body.heldBytes < 700_000 + 700_000 / 20 + 40_000, "\(body.heldBytes)")
    }
}
