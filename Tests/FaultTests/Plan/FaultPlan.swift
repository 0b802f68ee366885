import HarborFleetTesting

/// Which faults happen, in which order, how hard and how long. The same seed makes the same plan.
///
/// The kinds are drawn from a shuffled deck, so that each happens once before one happens again.
struct FaultPlan: Sendable, Equatable {
    /// How long faults last.
    enum Pace: Sendable {
        /// Less than a second each, so that a run takes seconds.
        case short
        /// Some are long enough for every time-out of the server.
        case long
    }

    let seed: UInt64
    let steps: [FaultStep]

    init(seed: UInt64, count: Int, pace: Pace) {
        self.seed = seed
        var random = SeededGenerator(seed: seed)
        var deck: [@Sendable (inout SeededGenerator) -> Fault] = []
        steps = (0..<count).map { _ in
            if deck.isEmpty { deck = Self.kinds.shuffled(using: &random) }
            return Self.step(deck.removeLast()(&random), pace, &random)
        }
    }

    private static func step(
        _ fault: Fault, _ pace: Pace, _ random: inout SeededGenerator
    ) -> FaultStep {
        let isLong = pace == .long && Int.random(in: 0..<12, using: &random) == 0
        let hold =
            isLong
            ? Int.random(in: 5_500...8_000, using: &random)
            : Int.random(in: 50...(pace == .short ? 600 : 1_500), using: &random)
        let hasCompanion = !fault.isOfServer && Int.random(in: 0..<8, using: &random) == 0
        let companion: Fault? = hasCompanion ? (Bool.random(using: &random) ? .killServer : .stopServer) : nil
        return FaultStep(
            fault: fault, companion: companion, holdMilliseconds: hold,
            pauseMilliseconds: Int.random(in: 50...(pace == .short ? 300 : 900), using: &random))
    }

    /// Faults of the server, and faults between a commit and its response, are in the deck twice.
    private static let kinds: [@Sendable (inout SeededGenerator) -> Fault] = [
        { _ in .stop(.fast) }, { _ in .stop(.immediate) },
        { .restart(Bool.random(using: &$0) ? .fast : .immediate) },
        { _ in .kill }, { _ in .kill }, { _ in .freeze }, { _ in .readOnly },
        { .fewConnections(Int.random(in: 0...3, using: &$0)) }, { _ in .endConnections },
        { _ in .lock(table: "fixes") }, { _ in .lock(table: "receipts") },
        { _ in .lock(table: "vehicle_positions") },
        { .delay(milliseconds: Int.random(in: 5...300, using: &$0)) },
        { _ in .hang(nil) }, { _ in .hang(.toServer) }, { _ in .hang(.toClient) },
        { _ in .cut(.end) }, { _ in .cut(.reset) },
        { truncation(.toServer, &$0) }, { truncation(.toServer, &$0) },
        { truncation(.toClient, &$0) }, { truncation(.toClient, &$0) },
        { _ in .refuse }, { _ in .killServer }, { _ in .killServer }, { _ in .stopServer },
    ]

    /// Short lengths cut a response or the head of a statement, long ones the arrays of a statement.
    private static func truncation(
        _ direction: FaultProxy.Direction, _ random: inout SeededGenerator
    ) -> Fault {
        let length = Int.random(
            in: 0...(direction == .toClient || Bool.random(using: &random) ? 60 : 6_000), using: &random)
        return .truncate(direction, after: length, Bool.random(using: &random) ? .end : .reset)
    }
}
