import Foundation
import HarborFleetTesting
import Testing

extension BadInput {
    /// Bodies that are wrong in part: the server accepts the valid fixes.
    @Suite struct Partial {
        private struct Receipt: Decodable {
            struct Rejected: Decodable {
                struct Place: Decodable {
                    let pointer: String
                    let detail: String
                }
                let pointer: String
                let errors: [Place]
            }
            let accepted: Int
            let duplicates: Int
            let rejected: [Rejected]
            let ignored: [String]
        }

        private static func post(_ body: String) async throws -> Receipt {
            let server = try await BadInputServer.shared.value
            let response = try await server.client.post(fixes: body, to: BadInputServer.north)
            #expect(response.status == 202, "\(response.text)")
            #expect(response["content-type"] == "application/json")
            #expect(response["x-request-id"]?.isEmpty == false)
            return try response.json()
        }

        @Test func invalidFixes_areRejectedByTheirPointers_andTheValidOnesAccepted() async throws {
            let fixes = [
                GoodFix(["vehicle_id": #""van-1""#]).json,
                GoodFix(["lat": "91", "lng": "181"]).json,
                "7",
                GoodFix(["vehicle_id": #""van-2""#]).json,
                GoodFix(["recorded_at": nil]).json,
            ]
            let receipt = try await Self.post(#"{"fixes":[\#(fixes.joined(separator: ","))]}"#)
            #expect(receipt.accepted == 2)
            #expect(receipt.duplicates == 0)
            #expect(receipt.rejected.map(\.pointer) == ["/fixes/1", "/fixes/2", "/fixes/4"])
            #expect(
                receipt.rejected.map { $0.errors.map(\.pointer) } == [
                    ["/fixes/1/lat", "/fixes/1/lng"], ["/fixes/2"], ["/fixes/4/recorded_at"],
                ])
            #expect(receipt.ignored == [])
        }

        @Test func unknownMembers_areIgnored_andEachIsNamedOnce() async throws {
            let changes: [String: String?] = ["speed": "8", "Lat": #"{"deep":[1,2]}"#]
            let first = GoodFix(changes.merging(["vehicle_id": #""van-3""#]) { $1 }).json
            let second = GoodFix(changes.merging(["vehicle_id": #""van-4""#]) { $1 }).json
            let receipt = try await Self.post(#"{"source":"test","fixes":[\#(first),\#(second)]}"#)
            #expect(receipt.accepted == 2)
            #expect(receipt.rejected.isEmpty)
            #expect(receipt.ignored == ["source", "Lat", "speed"])
        }

        @Test func repeatedFix_isADuplicate_alsoInOneBody() async throws {
            let fix = GoodFix(["vehicle_id": #""van-5""#]).json
            let receipt = try await Self.post(#"{"fixes":[\#(fix),\#(fix)]}"#)
            #expect(receipt.accepted == 1)
            #expect(receipt.duplicates == 1)
        }

        @Test(arguments: [
            ["lat": "90", "lng": "-180"], ["lat": "0", "lng": "1e-9"], ["speed_mps": "500"],
            ["heading_deg": "360"], ["altitude_m": "-430.5"], ["attributes": "{}"],
            ["attributes": #"{"a":"\ud83d\ude9a"}"#], ["speed_mps": "null"], ["lat": "5.35e1"],
        ])
        func valuesAtTheirLimits_areAccepted(_ changes: [String: String]) async throws {
            // Each case has a vehicle of its own, so that no fix is the duplicate of another case's.
            let all = changes.merging(["vehicle_id": "\"\(UUID().uuidString)\""]) { $1 }
            let receipt = try await Self.post(GoodFix(all.mapValues { $0 }).body)
            #expect(receipt.accepted == 1, "\(changes)")
        }
    }
}
