import HarborFleetTesting
import Supervision
import Testing

@testable import HarborFleet
@testable import HarborFleetWeb

/// Tokens that nobody has shown when the database goes away.
@Suite(.timeLimit(.minutes(1))) struct TokenRosterTests {
    private let store = MemoryTokenStore()
    private let clock = ManualClock()

    private func put(_ name: String) {
        let token = Token(
            name: name, role: .viewer, scope: .all, createdAt: Timestamp(milliseconds: 0),
            expiresAt: Timestamp(milliseconds: 1_000))
        store.put(token, hash: hash(name))
    }

    private func hash(_ name: String) -> [UInt8] { Credential.token(name).hash }

    /// Runs `body` beside a roster.
    private func run(_ roster: TokenRoster, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await roster.run() }
            defer { group.cancelAll() }
            try await body()
        }
    }

    @Test func aTokenThatNobodyShowed_isKnownInAnOutage_andAStrangerIsNotRefused() async throws {
        let wallClock = ManualWallClock(Timestamp(milliseconds: 0))
        let authenticator = Authenticator(
            tokens: store, sessions: store, publicRead: false, clock: wallClock)
        put("t")
        try await run(authenticator.roster) { () async throws in
            #expect(try await eventually { authenticator.roster.count == 1 })
            store.setAway(true)
            #expect(try await authenticator.identity(of: .token("t")).name == "t")
            await #expect(throws: StoreError.self) { try await authenticator.identity(of: .token("u")) }
            wallClock.advance(by: .seconds(1))
            await #expect(throws: Problem.self) { try await authenticator.identity(of: .token("t")) }
        }
    }

    @Test func aTokenThatWasRevoked_isNotKnownInAnOutage() async throws {
        let authenticator = Authenticator(
            tokens: store, sessions: store, publicRead: false,
            clock: ManualWallClock(Timestamp(milliseconds: 0)))
        put("t")
        put("kept")
        try await run(authenticator.roster) { () async throws in
            #expect(try await eventually { authenticator.roster.count == 2 })
            store.removeToken(hash: hash("t"))
            authenticator.revisionChanged()
            #expect(try await eventually { authenticator.roster.count == 1 })
            store.setAway(true)
            await #expect(throws: StoreError.self) { try await authenticator.identity(of: .token("t")) }
            #expect(try await authenticator.identity(of: .token("kept")).name == "kept")
        }
    }

    @Test func aStoreThatIsMerelyBusy_isNoReasonToGoByMemory() async throws {
        let roster = TokenRoster(store: store, clock: clock)
        put("t")
        try await run(roster) { () async throws in
            #expect(try await eventually { roster.count == 1 })
            // Revoked, and the change not heard of yet.
            store.removeToken(hash: hash("t"))
            store.setBusy(true)
            await #expect(throws: StoreError.self) { try await roster.token(hash: hash("t")) }
        }
    }

    @Test func whatWasReadBeforeAChange_isNotHeld() async throws {
        let roster = TokenRoster(store: store, clock: clock)
        put("t")
        let waiting = store.hold()
        try await run(roster) { () async throws in
            var held = waiting.makeAsyncIterator()
            _ = await held.next()
            store.removeToken(hash: hash("t"))
            roster.revisionChanged()
            put("new")
            store.release()
            #expect(try await eventually { roster.count > 0 })
            #expect(store.listings == 2)
            store.setAway(true)
            await #expect(throws: StoreError.self) { try await roster.token(hash: hash("t")) }
            #expect(try await roster.token(hash: hash("new")) != nil)
        }
    }

    @Test func aStoreThatIsAway_isAskedAgain_andWhileItAnswersItsWordCounts() async throws {
        let roster = TokenRoster(store: store, clock: clock)
        put("t")
        store.setAway(true)
        try await run(roster) { () async throws in
            await clock.waitForSleepers(1)
            #expect(store.listings == 1 && roster.count == 0)
            store.setAway(false)
            clock.advance(by: .seconds(1))
            #expect(try await eventually { roster.count == 1 })
            store.removeToken(hash: hash("t"))
            #expect(try await roster.token(hash: hash("t")) == nil)
        }
    }
}
