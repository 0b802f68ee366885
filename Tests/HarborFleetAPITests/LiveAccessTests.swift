import EventLoops
import FleetAccess
import HarborFleet
import HarborFleetTesting
import HarborFleetWebTesting
import Testing

@testable import HarborFleetAPI

@Suite(.timeLimit(.minutes(1))) struct LiveAccessTests {
    private let path = "/api/v1/fleets/north/live"

    private func subscribe(_ server: WebServer, _ fields: [String]) async throws -> TestWebSocketClient {
        let client = try await TestWebSocketClient(port: server.port, path: path, fields: fields)
        #expect(try await client.text()?.contains("\"snapshot\"") == true)
        return client
    }

    private func isClosed(_ client: TestWebSocketClient) async throws -> Bool {
        while let event = try await client.next() {
            if case .close(let code, _) = event { return code == .policyViolation }
        }
        return false
    }

    /// The streams of other tokens stay.
    @Test func revokedToken_closesItsStreams_withOneLookUp() async throws {
        try await WebServer.with(token: "gone") { server in
            try server.addToken("stays")
            var gone: [TestWebSocketClient] = []
            for _ in 0..<20 {
                gone.append(try await subscribe(server, ["Authorization: Bearer \(WebServer.token("gone"))"]))
            }
            let stays = try await subscribe(server, ["Authorization: Bearer \(WebServer.token("stays"))"])
            server.store.removeToken(hash: Credential.token(WebServer.token("gone")).hash)
            let lookUps = server.store.lookUps
            server.revision.changed()
            server.hub.revisionChanged()
            for client in gone { #expect(try await isClosed(client)) }
            #expect(server.store.lookUps <= lookUps + 2)
            #expect(try await server.post(["van-1"]).status == 202)
            #expect(try await stays.text()?.contains("van-1") == true)
        }
    }

    @Test func revokedToken_closesItsStream_afterAnOutageOfTheStore() async throws {
        try await WebServer.with(token: "gone") { server in
            let client = try await subscribe(server, ["Authorization: Bearer \(WebServer.token("gone"))"])
            server.store.removeToken(hash: Credential.token(WebServer.token("gone")).hash)
            server.store.setAway(true)
            let lookUps = server.store.lookUps
            server.revision.changed()
            server.hub.revisionChanged()
            await server.store.waitForLookUps(moreThan: lookUps)
            server.store.setAway(false)
            #expect(try await isClosed(client))
        }
    }

    /// The reader was looked up before the change.
    @Test(arguments: [true, false])
    func staleReader_isReviewedAtOnce(hasChanged: Bool) async throws {
        try await WebServer.with(token: "reader") { server in
            let fleetID = try #require(FleetID("north"))
            let token = Token(
                name: "stale", role: .viewer, scope: .all, createdAt: Timestamp(milliseconds: 0))
            let request = LiveRequest(
                fleetID: fleetID, resumesFrom: nil,
                reader: Reader(
                    Identity(token), by: .token(WebServer.token("reader")),
                    generation: server.authenticator.generation, until: MonotonicInstant(nanoseconds: 0)))
            if hasChanged { server.revision.changed() }
            let loop = server.group.loops[0]
            let stream = try #require(
                await loop.run {
                    server.hub.stream(request, from: nil, to: TestSubscriber(on: loop))
                        .map { LoopBound($0, on: loop) }
                })
            // The review replaces the identity of the request by that of the store.
            let name = hasChanged ? "reader" : "stale"
            // This is a poll, because no event says that a review has ended well.
            try await waitUntil { await loop.run { stream.value.access?.identity.name } == name }
            #expect(server.store.lookUps == (hasChanged ? 1 : 0))
            await loop.run { stream.value.end() }
        }
    }

    @Test func expiredToken_closesItsStream() async throws {
        try await WebServer.with { server in
            try server.addToken("short", expiresAt: server.clock.now().advanced(by: .seconds(1)))
            let client = try await subscribe(server, ["Authorization: Bearer \(WebServer.token("short"))"])
            #expect(try await isClosed(client))
        }
    }
}
