import FleetAccess
import HarborFleet
import HarborFleetTesting
import HarborFleetWebTesting
import StoreCache
import Supervision
import Testing

@testable import HarborFleetAPI

@Suite(.timeLimit(.minutes(1))) struct AuthenticatorTests {
    private let store = MemoryTokenStore()
    private let clock = ManualWallClock(Timestamp(milliseconds: 1_000_000))
    private let steadyClock = ManualClock()
    private let signer = SessionSigner(key: Array(repeating: 1, count: 32))
    private let revision: RevisionClock
    private let coldLane: ColdLane
    private let authenticator: Authenticator
    private let client = Requester.network(bits: 1, isIPv6: false)

    init() {
        var limits = ColdLane.Limits()
        limits.pause = .zero
        coldLane = ColdLane(limits: limits)
        revision = RevisionClock(clock: steadyClock)
        authenticator = Authenticator(
            tokens: store, sessions: store, signer: signer, coldLane: coldLane, revision: revision,
            publicRead: false, clock: clock, steadyClock: steadyClock)
    }

    private func partnerKeys() -> PartnerKeys {
        PartnerKeys(
            store: store, coldLane: coldLane, revision: revision, clock: clock, steadyClock: steadyClock)
    }

    private func add(_ name: String, expiresAt: Timestamp? = nil) {
        let token = Token(
            name: name, role: .viewer, scope: .all, createdAt: Timestamp(milliseconds: 0),
            expiresAt: expiresAt)
        store.put(token, hash: Credential.token(name).hash)
    }

    /// Stores a session of the token `t`.
    private func keep(_ session: Credential) async throws {
        _ = try await store.create(
            hash: session.hash, tokenName: "t", expiresAt: Timestamp(milliseconds: 4_000_000_000_000),
            keeping: 100)
    }

    /// Adds a partner's secret.
    /// - Returns: its fleet.
    private func addSecret() throws -> FleetID {
        let fleet = try #require(FleetID("north"))
        store.put([SigningSecret(partnerID: try #require(PartnerID("acme")), key: [1])], for: fleet)
        return fleet
    }

    private func name(_ token: String) async throws -> String? {
        do {
            return try await authenticator.identity(of: .token(token), askedBy: client).name
        } catch is Problem { return nil }
    }

    @Test func change_costsOneLookUpPerCredential_with1000Readers() async throws {
        let names = (0..<5).map { "t\($0)" }
        for token in names { add(token) }
        for token in names { #expect(try await name(token) == token) }
        #expect(store.lookUps == 5)
        revision.changed()
        let waiting = store.hold()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<1_000 {
                let token = names[number % names.count]
                group.addTask { try await name(token) == token }
            }
            for await _ in waiting.prefix(1) {}
            store.release()
            for try await isRight in group { #expect(isRight) }
        }
        #expect(store.lookUps == 10)
        #expect(store.batches <= 10)
    }

    @Test func endedSession_staysEnded_whenALookUpWasUnderWay() async throws {
        add("t")
        let session = Credential.session(try #require(signer.makeText()))
        try await keep(session)
        let waiting = store.hold()
        async let early = authenticator.identity(of: session, askedBy: client)
        for await _ in waiting.prefix(1) {}
        try await store.delete(hash: session.hash)
        authenticator.sessionEnded(hash: session.hash)
        store.release()
        _ = try await early
        await #expect(throws: Problem.self) {
            _ = try await authenticator.identity(of: session, askedBy: client)
        }
    }

    @Test func cancelledReader_leavesTheOthersTheirResponse() async throws {
        add("t")
        let waiting = store.hold()
        let first = Task { try await name("t") }
        for await _ in waiting.prefix(1) {}
        async let second = name("t")
        first.cancel()
        store.release()
        #expect(try await second == "t")
        #expect(store.lookUps == 1)
    }

    /// A credential that ended elsewhere is refused once its age is over.
    @Test func staleCredential_isUsedDuringAnOutage_andLookedUpAgainAfterwards() async throws {
        add("t")
        #expect(try await name("t") == "t")
        store.setAway(true)
        steadyClock.advance(by: .seconds(61))
        #expect(try await name("t") == "t")
        store.setAway(false)
        store.removeToken(hash: Credential.token("t").hash)
        steadyClock.advance(by: .seconds(61))
        // This is a poll, because no event says that a look-up has ended for which no reader waits.
        while try await name("t") != nil { await Task.yield() }
    }

    @Test func expiredToken_isRefusedWithoutALookUp() async throws {
        add("t", expiresAt: clock.now().advanced(by: .seconds(10)))
        #expect(try await name("t") == "t")
        clock.advance(by: .seconds(10))
        #expect(try await name("t") == nil)
        #expect(store.lookUps == 1)
    }

    @Test func knownToken_doesNotWait_behindUnknownTokensInTheColdLane() async throws {
        add("t")
        #expect(try await name("t") == "t")
        revision.changed()
        let waiting = store.hold()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<400 { group.addTask { _ = try? await name("x\(number)") } }
            var held = waiting.makeAsyncIterator()
            let unknown = await held.next()
            #expect(unknown == 1)
            group.addTask {
                let known = try await name("t")
                #expect(known == "t")
            }
            let all = await held.next()
            #expect(all == 2)
            // All other callers had one share. They waited for a batch or were refused.
            #expect(coldLane.waiting <= 8)
            store.release()
            try await group.waitForAll()
        }
        #expect(coldLane.waiting == 0)
    }

    @Test func unlistedToken_isRefusedFromMemory_whenTheLaneIsFull() async throws {
        add("t")
        try await listed { () async throws in
            revision.confirmed(askedAt: steadyClock.now())
            for _ in 0..<8 { #expect(coldLane.admit(client)) }
            #expect(try await name("x") == nil)
            #expect(store.lookUps == 0)
            #expect(try await name("t") == "t")
            steadyClock.advance(by: .seconds(1))
            await #expect(throws: StoreError.noRoom) { try await name("y") }
        }
    }

    @Test func unlistedToken_isLookedUp_whenTheLaneHasRoom() async throws {
        try await listed { () async throws in
            revision.confirmed(askedAt: steadyClock.now())
            add("new")
            #expect(try await name("new") == "new")
        }
    }

    @Test func listedToken_isKnownInAnOutage_andAnUnlistedOneIsUnavailable() async throws {
        add("t", expiresAt: clock.now().advanced(by: .seconds(1)))
        try await listed { () async throws in
            store.setAway(true)
            #expect(try await name("t") == "t")
            await #expect(throws: StoreError.self) { try await name("u") }
            clock.advance(by: .seconds(1))
            #expect(try await name("t") == nil)
        }
    }

    @Test func revokedToken_isNotKnownInAnOutage() async throws {
        add("t")
        add("kept")
        try await listed { () async throws in
            store.removeToken(hash: Credential.token("t").hash)
            revision.changed()
            await waitForList { $0?.map(\.name) == ["kept"] }
            store.setAway(true)
            await #expect(throws: StoreError.self) { try await name("t") }
            #expect(try await name("kept") == "kept")
        }
    }

    @Test func firstReaders_waitForTheFirstList_alsoWhenTheLaneIsFull() async throws {
        add("t")
        for _ in 0..<8 { #expect(coldLane.admit(client)) }
        var held = store.hold().makeAsyncIterator()
        try await withThrowingTaskGroup(of: Void.self) { (group) async throws in
            group.addTask { try await authenticator.tokens.run() }
            _ = await held.next()
            async let early = name("t")
            store.release()
            #expect(try await early == "t")
            group.cancelAll()
        }
    }

    @Test func forgedSession_costsNoLookUp_andASignedOneNeedsNoRoomInTheLane() async throws {
        add("t")
        let text = try #require(signer.makeText())
        let session = Credential.session(text)
        try await keep(session)
        for _ in 0..<8 { #expect(coldLane.admit(client)) }
        let forged = Credential.session(String(text.dropLast(2) + "AA"))
        await #expect(throws: Problem.self) {
            try await authenticator.identity(of: forged, askedBy: client)
        }
        #expect(store.lookUps == 0)
        #expect(try await authenticator.identity(of: session, askedBy: client).name == "t")
        // A session of an earlier release has no MAC.
        let old = Credential.session(String(text.prefix(43)))
        await #expect(throws: StoreError.noRoom) {
            try await authenticator.identity(of: old, askedBy: client)
        }
        coldLane.release(client)
        await #expect(throws: Problem.self) {
            try await authenticator.identity(of: old, askedBy: client)
        }
    }

    /// Returns once the list of tokens meets a condition. This is a poll, because no event says that it was read.
    private func waitForList(_ isMet: ([Token]?) -> Bool) async {
        while !isMet(authenticator.tokens.tokens.list) { await Task.yield() }
    }

    /// Runs `body` once the list of tokens has been read.
    private func listed(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await authenticator.tokens.run() }
            await waitForList { $0 != nil }
            try await body()
            group.cancelAll()
        }
    }

    @Test func waitingPosts_shareTheLookUpOfTheSecrets() async throws {
        let keys = partnerKeys()
        let fleet = try addSecret()
        let waiting = store.hold()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 {
                group.addTask { try await keys.keys(of: fleet, askedBy: client).count }
            }
            for await _ in waiting.prefix(1) {}
            store.release()
            for try await count in group { #expect(count == 1) }
        }
        #expect(store.secretLookUps < 100)
        #expect(keys.knownKeys(of: fleet)?.count == 1)
    }

    /// The pause counts also when the store does not respond.
    @Test func badSignature_causesALookUpAtMostOncePerPause() async throws {
        let keys = partnerKeys()
        let fleet = try #require(FleetID("north"))
        #expect(keys.mayBeStale(fleet))
        _ = try await keys.keys(of: fleet, askedBy: client)
        #expect(keys.knownKeys(of: fleet)?.isEmpty == true)
        #expect(!keys.mayBeStale(fleet))
        steadyClock.advance(by: .milliseconds(250))
        #expect(keys.mayBeStale(fleet))
        store.setAway(true)
        await #expect(throws: StoreError.self) { _ = try await keys.keys(of: fleet, askedBy: client) }
        #expect(!keys.mayBeStale(fleet))
    }

    @Test func badSignature_isJudgedFromMemory_whenTheLaneIsFull() async throws {
        let keys = partnerKeys()
        let fleet = try addSecret()
        #expect(try await keys.keys(of: fleet, askedBy: client).count == 1)
        for _ in 0..<8 { #expect(coldLane.admit(client)) }
        await #expect(throws: StoreError.noRoom) { try await keys.keys(of: fleet, askedBy: client) }
        revision.confirmed(askedAt: steadyClock.now())
        #expect(try await keys.keys(of: fleet, askedBy: client).count == 1)
        #expect(store.secretLookUps == 1)
    }
}
