import HarborFleet
import HarborFleetTesting

/// Makes the POSTs of one connection: mostly new fixes in order, sometimes late ones, repeats, and other contents for
/// known fixes.
struct PostMaker {
    /// An hour ago, so that later times are in the past and within the retention.
    static let start = SystemWallClock().now().advanced(by: .seconds(-3_600)).milliseconds

    let name: String
    let partner: String
    let fleet: String
    private let vehicles: [VehicleName]
    private var random: SeededGenerator
    private var milliseconds = PostMaker.start
    private var count = 0
    /// The last 50 fixes.
    private var recent: [LedgerFix] = []
    private var lastPost: LedgerPost?

    /// - Parameters:
    ///   - name: unique among the connections of a run.
    ///   - shared: vehicles that other connections also post for.
    init(_ name: String, partner: String, fleet: String, shared: [String], seed: UInt64) {
        self.name = name
        self.partner = partner
        self.fleet = fleet
        vehicles = (shared + (1...4).map { "\(name)-\($0)" }).map {
            VehicleName(fleet: fleet, vehicle: $0)
        }
        random = SeededGenerator(seed: seed)
    }

    mutating func next() -> LedgerPost {
        count += 1
        // A partner may repeat a POST that was acknowledged.
        if let lastPost, chance(20) { return lastPost }
        let fixes = (0..<Int.random(in: 1...12, using: &random)).map { _ in fix() }
        let post = LedgerPost(id: "msg_\(name)_\(count)", partner: partner, fleet: fleet, fixes: fixes)
        lastPost = post
        return post
    }

    private mutating func fix() -> LedgerFix {
        let number = Int.random(in: 1...1_000_000_000, using: &random)
        if let known = recent.randomElement(using: &random), chance(25) {
            return LedgerFix(key: known.key, number: chance(2) ? known.number : number)
        }
        milliseconds += Int64.random(in: 1...20, using: &random)
        let isLate = chance(10)
        let time = isLate ? Int64.random(in: Self.start...milliseconds, using: &random) : milliseconds
        let vehicle = vehicles.randomElement(using: &random) ?? vehicles[0]
        let fix = LedgerFix(key: FixKey(vehicle: vehicle, milliseconds: time), number: number)
        if recent.count >= 50 { recent.removeFirst() }
        recent.append(fix)
        return fix
    }

    /// True once in `count` times.
    private mutating func chance(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &random) == 0 }
}
