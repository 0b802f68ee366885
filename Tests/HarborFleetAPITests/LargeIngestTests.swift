import Compression
import FleetAccess
import HarborFleetTesting
import HarborFleetWebTesting
import Synchronization
import Testing

@testable import HarborFleet
@testable import HarborFleetAPI

/// POSTs that would keep an event loop busy for too long.
@Suite(.timeLimit(.minutes(1))) struct LargeIngestTests {
    /// Makes a valid body of `bytes` bytes.
    private func body(_ bytes: Int) -> [UInt8] {
        let fixes = WebServer.body(["van-1"])
        return fixes + [UInt8](repeating: 0x20, count: bytes - fixes.count)
    }

    /// Counts where the clock was read while `work` ran. The server reads it right after it has verified a POST.
    private func threads(
        _ server: WebServer, _ work: () async throws -> Void
    ) async throws -> (onLoop: Int, offLoop: Int) {
        let seen = Mutex((onLoop: 0, offLoop: 0))
        let loops = server.group.loops
        server.clock.whenAsked {
            let isOnLoop = loops.contains { $0.isCurrent }
            seen.withLock { if isOnLoop { $0.onLoop += 1 } else { $0.offLoop += 1 } }
        }
        defer { server.clock.whenAsked(nil) }
        try await work()
        return seen.withLock { $0 }
    }

    @Test func body_isVerifiedOffTheLoop_whenItIsLarge() async throws {
        try await WebServer.with { (server: WebServer) async throws in
            // From now on the keys are known, so no look-up reads the clock.
            #expect(try await server.post(["van-1"]).status == 202)
            let small = try await threads(server) { () async throws in
                #expect(try await server.post(body(LargeBodies.mostOnLoop)).status == 202)
            }
            #expect(small.offLoop == 0 && small.onLoop > 0)
            for bytes in [LargeBodies.mostOnLoop + 1, RequestBodies.limit] {
                let large = try await threads(server) { () async throws in
                    #expect(try await server.post(body(bytes)).status == 202)
                }
                #expect(large.offLoop == 1 && large.onLoop == small.onLoop - 1)
            }
        }
    }

    @Test func body_isReadOffTheLoop_whenItInflatesToALargeOne() async throws {
        try await WebServer.with { (server: WebServer) async throws in
            try server.limit(PartnerLimits(requestsPerSecond: 3))
            var encoder = try GzipEncoder()
            let (small, large) = (
                try encoder.encode(body(60_000).span), try encoder.encode(body(900_000).span)
            )
            #expect(large.count < LargeBodies.mostOnLoop)
            #expect(try await server.post(["van-1"]).status == 202)
            let fields = ["Content-Encoding: gzip"]
            let onLoop = try await threads(server) { () async throws in
                #expect(try await server.post(small, fields: fields).status == 202)
            }
            let offLoop = try await threads(server) { () async throws in
                #expect(try await server.post(large, fields: fields).status == 202)
            }
            #expect(onLoop.offLoop == 0 && offLoop.offLoop == 1)
            #expect(try await server.post(["van-1"]).status == 429)
        }
    }

    @Test func firstPost_isAccepted_whenItIsLargeOrInflatesToALargeOne() async throws {
        for isCompressed in [false, true] {
            try await WebServer.with { (server: WebServer) async throws in
                var encoder = try GzipEncoder()
                let sent = isCompressed ? try encoder.encode(body(900_000).span) : body(900_000)
                let fields = isCompressed ? ["Content-Encoding: gzip"] : []
                #expect(try await server.post(sent, fields: fields).status == 202)
                #expect(try await server.post(sent, to: "south", fields: fields).status == 202)
                #expect(try await server.post(sent, to: "nowhere", fields: fields).status == 401)
                #expect(try await server.post(sent, fields: fields, key: [9]).status == 401)
                #expect(try await server.post(sent, fields: fields).text.contains("\"duplicates\":1"))
            }
        }
    }

    @Test func largeBody_isJudgedLikeASmallOne() async throws {
        try await WebServer.with { (server: WebServer) async throws in
            var broken = body(100_000)
            broken[0] = 0x5B
            #expect(try await server.post(broken).status == 400)
            let array = Array("[]".utf8) + [UInt8](repeating: 0x20, count: 100_000)
            #expect(try await server.post(array).status == 422)
            #expect(try await server.post(body(100_000), fields: ["Content-Encoding: br"]).status == 415)
        }
    }
}
