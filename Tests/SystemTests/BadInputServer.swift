import Foundation
import HarborFleetTesting
import Testing

/// A server for bad input, with one fleet of each of two partners.
final class BadInputServer: Sendable {
    static let north = "harbor-north"
    static let south = "harbor-south"
    /// The server of all suites of `BadInput`.
    static let shared = Task { try await BadInputServer() }

    let process: ServerProcess
    /// The secret of the partner of `north`.
    let secret: String
    /// The secret of the partner of `south`.
    let foreignSecret: String
    /// Reads `north`.
    let token: String
    /// Reads `south`.
    let foreignToken: String
    /// The fix of each good request. It is always the same, so that the fleet does not change.
    private let goodFix = GoodFix().json

    init() async throws {
        process = try await ServerProcess(environment: ["HARBOR_LOG_LEVEL": "trace"])
        try await process.start()
        for fleet in [Self.north, Self.south] { try await process.addFleet(fleet) }
        secret = try await process.addPartner("courier", fleets: [Self.north])
        foreignSecret = try await process.addPartner("foreign", fleets: [Self.south])
        token = try await process.addToken("desk", fleets: [Self.north])
        foreignToken = try await process.addToken("elsewhere", fleets: [Self.south])
    }

    var port: UInt16 { process.publicPort }

    var client: APIClient { APIClient(port: port, token: token, secret: secret) }

    /// Posts and reads on new connections, as another partner and another operator would.
    func expectGoodRequestsWork(after name: String) async throws {
        let post = try await client.post(fixes: #"{"fixes":[\#(goodFix)]}"#, to: Self.north)
        #expect(post.status == 202, "after \(name): \(post.text)")
        let status = try await client.get("/api/v1/fleets/\(Self.north)/status")
        #expect(status.status == 200, "after \(name): \(status.text)")
    }
}

/// A valid fix as JSON, with members changed, added (raw JSON) or left out (nil).
struct GoodFix {
    var members: [(name: String, json: String?)] = [
        ("vehicle_id", #""van-7""#), ("recorded_at", "\"\(Self.time())\""), ("lat", "53.5413"),
        ("lng", "9.9842"), ("speed_mps", "8.2"), ("heading_deg", "271"), ("altitude_m", "6.1"),
        ("accuracy_m", "4"), ("attributes", #"{"battery_pct":81}"#),
    ]

    /// - Parameter changes: by the member's name.
    init(_ changes: [String: String?] = [:]) {
        for (name, json) in changes.sorted(by: { $0.key < $1.key }) {
            if let index = members.firstIndex(where: { $0.name == name }) {
                members[index].json = json
            } else {
                members.append((name, json))
            }
        }
    }

    var json: String {
        let pairs = members.compactMap { member in member.json.map { "\"\(member.name)\":\($0)" } }
        return "{\(pairs.joined(separator: ","))}"
    }

    /// The body of a POST with this fix alone.
    var body: String { #"{"fixes":[\#(json)]}"# }

    /// RFC 3339, seconds from now.
    static func time(_ secondsFromNow: Double = 0) -> String {
        Date(timeIntervalSinceNow: secondsFromNow).ISO8601Format()
    }
}
