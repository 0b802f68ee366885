import Foundation
import HarborFleetTesting
import Testing

/// The one server that all bad input goes to, with a fleet of each of two partners.
final class BadInputServer: Sendable {
    static let north = "harbor-north"
    static let south = "harbor-south"
    static let shared = Task { try await BadInputServer() }

    let process: ServerProcess
    /// Of the partner of `north`.
    let secret: String
    /// Of the partner of `south`.
    let foreignSecret: String
    /// Sees `north`.
    let token: String
    /// Sees `south`.
    let foreignToken: String
    /// The fix of each good request: always the same, so that the fleet stays as it is.
    private let goodFix = GoodFix().json

    private init() async throws {
        process = try await ServerProcess(environment: ["HARBOR_LOG_LEVEL": "trace"])
        try await process.start()
        for fleet in [Self.north, Self.south] { try await process.addFleet(fleet) }
        secret = try await process.addPartner("courier", fleets: [Self.north])
        foreignSecret = try await process.addPartner("stranger", fleets: [Self.south])
        token = try await process.addToken("desk", fleets: [Self.north])
        foreignToken = try await process.addToken("elsewhere", fleets: [Self.south])
    }

    var port: UInt16 { process.publicPort }

    var client: APIClient { APIClient(port: port, token: token, secret: secret) }

    /// A POST and a read on new connections, as any other partner and operator would do them.
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
