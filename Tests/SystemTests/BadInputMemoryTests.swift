import Foundation
import HarborFleetTesting
import Testing

extension BadInput {
    /// The whole table, three times.
    @Suite struct Endurance {
        /// The most bytes that the resident set may grow by in the third pass.
        private static let growthLimit = 4 << 20

        @Test func server_keepsItsProcessAndMemory_andLogsNoSecret_inThreePassesOfTheTable()
            async throws
        {
            let server = try await BadInputServer.shared.value
            let id = server.process.processID
            var resident: [Int] = []
            for _ in 0..<3 {
                try await pass(server)
                resident.append(server.process.residentBytes)
            }
            #expect(
                resident[2] - resident[1] < Self.growthLimit, "resident bytes after each pass: \(resident)")
            #expect(server.process.isRunning)
            #expect(server.process.processID == id)
            let log = server.process.log
            #expect(log.components(separatedBy: #""ready""#).count == 2, "it was ready once: one life")
            #expect(log.contains("/api/v1/fleets/{fleet_id}/fixes"), "it holds the requests")
            for secret in secrets(of: server) { #expect(!log.contains(secret)) }
            Attachment.record(log, named: "server.log")
        }

        private func pass(_ server: BadInputServer) async throws {
            for request in BadRequest.all { try await request.check(server) }
            for frames in BadFrames.all { try await frames.check(server) }
            for half in HalfRequest.all {
                try await half.drop(server)
                try await half.end(server)
            }
            try await server.expectGoodRequestsWork(after: "a pass of the table")
        }

        /// The secrets and tokens that clients sent, right or wrong, without the well-known prefix of a secret.
        private func secrets(of server: BadInputServer) -> [String] {
            let keys = [server.secret, server.foreignSecret].map { String($0.dropFirst("whsec_".count)) }
            return keys + [server.token, server.foreignToken, "wrong-token", "harbor_session"]
        }
    }
}
