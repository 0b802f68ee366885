import FleetAccess
import HarborFleet
import HarborFleetTesting
import HarborFleetWebTesting
import Testing

@testable import HarborFleetSite

/// Requests with several session cookies. A browser also sends those of other paths and of parent domains.
@Suite(.timeLimit(.minutes(1))) struct SeveralCookiesTests {
    private static let status = "/api/v1/fleets/north/status"
    private let signer = SessionSigner(key: Array(repeating: 1, count: 32))
    /// A text in the form of a session.
    private static let madeUp = String(repeating: "x", count: 43) + "." + String(repeating: "y", count: 22)

    private func withServer(_ body: (WebServer) async throws -> Void) async throws {
        try await WebServer.with(token: "t") { server in
            try await body(server)
        }
    }

    private func signedIn(_ server: WebServer) async throws -> String {
        let cookie = try #require(try await server.signIn()["Set-Cookie"]).prefix { $0 != ";" }
        return String(cookie.dropFirst("harbor_session=".utf8.count))
    }

    /// Makes a session that only the store knows, as after a restart.
    private func storedSession(_ server: WebServer) async throws -> String {
        let text = try #require(signer.makeText())
        _ = try await server.store.create(
            hash: Credential.session(text).hash, tokenName: "t",
            expiresAt: Timestamp(milliseconds: 4_000_000_000_000),
            keeping: 100)
        return text
    }

    private func cookie(_ values: [String]) -> [String] {
        ["Cookie: " + values.map { "harbor_session=\($0)" }.joined(separator: "; ")]
    }

    private func read(_ server: WebServer, _ fields: [String]) async throws -> Int {
        try await server.get(Self.status, token: nil, fields).status
    }

    @Test func liveSession_isFoundBehindForgedOnes_withoutALookUp() async throws {
        try await withServer { server in
            let live = try await signedIn(server)
            let lookUps = server.store.lookUps
            for others in [
                [Self.madeUp], ["", "short", Self.madeUp], Array(repeating: Self.madeUp, count: 20),
            ] {
                #expect(try await read(server, cookie(others + [live])) == 200)
                #expect(try await read(server, cookie([live] + others)) == 200)
            }
            let lines = ["Cookie: harbor_session=\(Self.madeUp)", "Cookie: a=b; harbor_session=\(live)"]
            #expect(try await read(server, lines) == 200)
            let hosts = ["Cookie: __Host-harbor_session=\(Self.madeUp); harbor_session=\(live)"]
            #expect(try await read(server, hosts) == 200)
            #expect(server.store.lookUps == lookUps)
        }
    }

    @Test func endedSession_hidesNoLiveOne() async throws {
        try await withServer { server in
            let (dead, live) = (try await signedIn(server), try await signedIn(server))
            #expect(try await server.request("DELETE", "/session", cookie([dead])).status == 204)
            #expect(try await read(server, cookie([dead])) == 401)
            #expect(try await read(server, cookie([dead, live])) == 200)
            #expect(try await read(server, cookie([live, dead])) == 200)
        }
    }

    /// No session is known after a restart and after every change.
    @Test func signedSessions_areLookedUpInOneBatch() async throws {
        try await withServer { (server: WebServer) async throws in
            let unknown = (0..<5).compactMap { _ in signer.makeText() }
            let fields = cookie(unknown + [try await storedSession(server)])
            #expect(try await read(server, fields) == 200)
            #expect(server.store.batches == 1)
            #expect(server.store.lookUps == 6)
            #expect(try await read(server, fields) == 200)
            #expect(server.store.batches == 1)
            server.revision.changed()
            #expect(try await read(server, fields) == 200)
            #expect(server.store.batches == 2)
            #expect(try await read(server, cookie(unknown)) == 401)
            #expect(server.store.batches == 2)
        }
    }

    /// A session of an earlier release has no MAC, so any client can invent one.
    @Test func unsignedSessions_areLookedUpOnePerRequest() async throws {
        try await withServer { (server: WebServer) async throws in
            let unsigned = (0..<3).map { "\($0)" + String(repeating: "x", count: 42) }
            for number in 1...3 {
                #expect(try await read(server, cookie(unsigned)) == 401)
                #expect(server.store.lookUps == number)
            }
            #expect(try await read(server, cookie(unsigned)) == 401)
            #expect(server.store.lookUps == 3)
            let another = "y" + String(repeating: "x", count: 42)
            let live = try await storedSession(server)
            #expect(try await read(server, cookie([another, live])) == 200)
            #expect(server.store.lookUps == 4, "a signed session goes first")
        }
    }

    @Test func knownSession_isUsedBeforeAnUnknownOne() async throws {
        try await withServer { (server: WebServer) async throws in
            let (unknown, live) = (try await storedSession(server), try await signedIn(server))
            let lookUps = server.store.lookUps
            #expect(try await read(server, cookie([unknown, live])) == 200)
            #expect(server.store.lookUps == lookUps)
        }
    }

    @Test func knownSession_isUsed_whileTheStoreIsAway() async throws {
        try await withServer { server in
            let (unknown, live) = (try await storedSession(server), try await signedIn(server))
            server.store.setAway(true)
            #expect(try await read(server, cookie([unknown])) == 503)
            #expect(try await read(server, cookie([unknown, live])) == 200)
            #expect(try await read(server, cookie([unknown, Self.madeUp])) == 503)
        }
    }

    @Test func forgedSessions_costNoLookUp() async throws {
        try await withServer { (server: WebServer) async throws in
            let many = (0..<80).map { number in
                let digits = String(number + 100)
                return digits + Self.madeUp.dropFirst(3)
            }
            #expect(try await read(server, cookie(many)) == 401)
            #expect(server.store.lookUps == 0)
        }
    }

    @Test func liveStream_usesTheValidSession() async throws {
        try await withServer { server in
            let (dead, live) = (try await signedIn(server), try await signedIn(server))
            #expect(try await server.request("DELETE", "/session", cookie([dead])).status == 204)
            let client = try await TestWebSocketClient(
                port: server.port, path: "/api/v1/fleets/north/live",
                fields: cookie([dead, live]) + ["Origin: http://localhost"])
            #expect(try await client.text()?.contains("snapshot") == true)
            // The review must use the live session.
            server.revision.changed()
            server.hub.revisionChanged()
            #expect(try await server.post(["van-1"]).status == 202)
            #expect(try await client.text()?.contains("van-1") == true)
            server.store.removeToken(hash: Credential.token(WebServer.token("t")).hash)
            server.revision.changed()
            server.hub.revisionChanged()
            var isClosed = false
            while let event = try await client.next() {
                if case .close(.policyViolation, _) = event { isClosed = true }
            }
            #expect(isClosed)
        }
    }

    /// In an outage the stream begins with the session that memory knows. The review must use the same session.
    @Test func liveStream_isReviewedByTheSessionThatOpenedIt() async throws {
        try await withServer { (server: WebServer) async throws in
            let (dead, live) = (try #require(signer.makeText()), try await signedIn(server))
            server.store.setAway(true)
            let client = try await TestWebSocketClient(
                port: server.port, path: "/api/v1/fleets/north/live",
                fields: cookie([dead, live]) + ["Origin: http://localhost"])
            #expect(try await client.text()?.contains("snapshot") == true)
            server.store.setAway(false)
            var held = server.store.hold().makeAsyncIterator()
            server.revision.changed()
            server.hub.revisionChanged()
            _ = await held.next()
            #expect(server.store.lastLookedUp == [Credential.session(live).hash])
            server.store.release()
            #expect(try await server.post(["van-1"]).status == 202)
            #expect(try await client.text()?.contains("van-1") == true)
        }
    }

    @Test func signOut_endsStoredSessions_withoutALookUp() async throws {
        try await withServer { (server: WebServer) async throws in
            let (first, second) = (try await storedSession(server), try await storedSession(server))
            let ended = try await server.request("DELETE", "/session", cookie([Self.madeUp, first, second]))
            #expect(ended.status == 204)
            #expect(server.store.sessionCount == 0)
            #expect(server.store.lookUps == 0)
            #expect(server.store.deletions == 2)
            #expect(try await read(server, cookie([first, second])) == 401)
        }
    }

    @Test func signOut_endsEverySessionOfTheRequest() async throws {
        try await withServer { server in
            let (first, second) = (try await signedIn(server), try await signedIn(server))
            let ended = try await server.request("DELETE", "/session", cookie([Self.madeUp, first, second]))
            #expect(ended.status == 204)
            #expect(server.store.sessionCount == 0)
            #expect(try await read(server, cookie([first, second])) == 401)
        }
    }
}
