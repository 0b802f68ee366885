import HarborFleet
import HarborFleetTesting
import Testing

@testable import HarborFleetWeb

@Suite(.timeLimit(.minutes(1))) struct AuthenticatorTests {
    private let store = MemoryTokenStore()
    private let clock = ManualWallClock(Timestamp(milliseconds: 1_000_000))
    private let authenticator: Authenticator

    init() {
        authenticator = Authenticator(tokens: store, sessions: store, publicRead: false, clock: clock)
    }

    private func add(_ name: String, expiresAt: Timestamp? = nil) {
        let token = Token(
            name: name, role: .viewer, scope: .all, createdAt: Timestamp(milliseconds: 0),
            expiresAt: expiresAt)
        store.put(token, hash: Credential.token(name).hash)
    }

    private func name(_ token: String) async throws -> String? {
        do { return try await authenticator.identity(of: .token(token)).name } catch is Problem { return nil }
    }

    @Test("After a change 1,000 readers at once cost one look-up per credential")
    func change_costsOneLookUpPerCredential() async throws {
        let names = (0..<5).map { "t\($0)" }
        for token in names { add(token) }
        for token in names { #expect(try await name(token) == token) }
        #expect(store.lookUps == 5)
        authenticator.revisionChanged()
        let waiting = store.hold()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<1_000 {
                let token = names[number % names.count]
                group.addTask { try await name(token) == token }
            }
            var held = waiting.makeAsyncIterator()
            _ = await held.next()
            store.release()
            for try await isRight in group { #expect(isRight) }
        }
        #expect(store.lookUps == 10)
    }

    @Test("A look-up that was under way when its session ended does not bring it back")
    func signOut_outlivesALookUp() async throws {
        add("t")
        let session = Credential.session("s")
        try await store.create(hash: session.hash, tokenName: "t", expiresAt: Timestamp(milliseconds: .max))
        let waiting = store.hold()
        async let early = authenticator.identity(of: session)
        var held = waiting.makeAsyncIterator()
        _ = await held.next()
        try await store.delete(hash: session.hash)
        authenticator.forget(session)
        store.release()
        _ = try await early
        await #expect(throws: Problem.self) { _ = try await authenticator.identity(of: session) }
    }

    @Test("A reader that goes away does not take the answer from the others who wait for it")
    func cancelledReader_leavesTheOthers() async throws {
        add("t")
        let waiting = store.hold()
        let first = Task { try await name("t") }
        var held = waiting.makeAsyncIterator()
        _ = await held.next()
        async let second = name("t")
        first.cancel()
        store.release()
        #expect(try await second == "t")
        #expect(store.lookUps == 1)
    }

    @Test(
        "A credential whose store is away goes on, and one that ended elsewhere is found out within its age")
    func oldAnswer_isAskedForAgain() async throws {
        add("t")
        #expect(try await name("t") == "t")
        store.setAway(true)
        clock.advance(by: .seconds(61))
        #expect(try await name("t") == "t")
        store.setAway(false)
        store.removeToken(hash: Credential.token("t").hash)
        clock.advance(by: .seconds(61))
        while try await name("t") != nil { await Task.yield() }
    }

    @Test("An expired token is refused without asking")
    func expiry_needsNoStore() async throws {
        add("t", expiresAt: clock.now().advanced(by: .seconds(10)))
        #expect(try await name("t") == "t")
        clock.advance(by: .seconds(10))
        #expect(try await name("t") == nil)
        #expect(store.lookUps == 1)
    }

    @Test("Made-up tokens are few in the store at a time, and a known one does not wait behind them")
    func strangers_doNotFillTheStore() async throws {
        add("t")
        #expect(try await name("t") == "t")
        authenticator.revisionChanged()
        let waiting = store.hold()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<400 { group.addTask { _ = try? await name("x\(number)") } }
            var held = waiting.makeAsyncIterator()
            let strangers = await held.next()
            #expect(strangers == 1)
            group.addTask {
                let known = try await name("t")
                #expect(known == "t")
            }
            let all = await held.next()
            #expect(all == 2)
            #expect(store.lookUps == 3)
            store.release()
            try await group.waitForAll()
        }
    }

    @Test("POSTs that wait for a fleet's secrets share look-ups")
    func secrets_areSharedByWaiters() async throws {
        let keys = PartnerKeys(store: store, clock: clock)
        let fleet = try #require(FleetID("north"))
        let partner = try #require(PartnerID("acme"))
        store.put([SigningSecret(partnerID: partner, key: [1])], for: fleet)
        let waiting = store.hold()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 { group.addTask { try await keys.keys(of: fleet).count } }
            var held = waiting.makeAsyncIterator()
            _ = await held.next()
            // One that asks after the answer asks anew, as for a signature that does not verify.
            for _ in 0..<1_000 { await Task.yield() }
            store.release()
            for try await count in group { #expect(count == 1) }
        }
        #expect(store.secretLookUps < 100)
        #expect(keys.knownKeys(of: fleet)?.count == 1)
    }

    @Test("A bad signature has the store asked once in a while, also when it does not answer")
    func badSignature_asksNowAndThen() async throws {
        let keys = PartnerKeys(store: store, clock: clock)
        let fleet = try #require(FleetID("north"))
        #expect(keys.mayBeStale(fleet))
        _ = try await keys.keys(of: fleet)
        #expect(keys.knownKeys(of: fleet)?.isEmpty == true)
        #expect(!keys.mayBeStale(fleet))
        clock.advance(by: .milliseconds(250))
        #expect(keys.mayBeStale(fleet))
        store.setAway(true)
        await #expect(throws: StoreError.self) { _ = try await keys.keys(of: fleet) }
        #expect(!keys.mayBeStale(fleet))
    }
}
