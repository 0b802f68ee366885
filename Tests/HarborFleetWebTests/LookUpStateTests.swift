import HarborFleet
import Testing

@testable import HarborFleetWeb

/// What is known of keys, with instants chosen here; nobody waits for what look-ups promise.
struct LookUpStateTests {
    private typealias State = LookUpState<String, Int>
    private let start = Timestamp(milliseconds: 1_000_000)

    private func after(_ duration: Duration) -> Timestamp { start.advanced(by: duration) }

    /// Asks, and says which number and lane the look-up got; nil when one was under way or it was refused.
    private func ask(_ key: String, _ state: inout State) -> (number: UInt64, lane: State.Lane)? {
        var made: (UInt64, State.Lane)?
        _ = state.flight(for: key) { number, lane in
            made = (number, lane)
            return State.Promised()
        }
        return made
    }

    private func learn(_ key: String, _ answer: Int?, at time: Timestamp, _ state: inout State) throws {
        let asked = ask(key, &state)
        let (number, lane) = try #require(asked)
        state.begun(number, of: key, now: time)
        state.ended(number, of: key, in: lane, .success(answer))
    }

    private func text(_ key: String, _ state: inout State, at time: Timestamp) -> String {
        switch state.known(key, now: time) {
        case .answer(let answer, let isDue): "\(answer)\(isDue ? " due" : "")"
        case .refused: "refused"
        case .unknown: "unknown"
        }
    }

    private func fail(_ key: String, at time: Timestamp, _ state: inout State) throws {
        let asked = ask(key, &state)
        let (number, lane) = try #require(asked)
        state.begun(number, of: key, now: time)
        state.ended(number, of: key, in: lane, .failure(StoreError(.unavailable, detail: "away")))
    }

    @Test("Of many who ask for one key one asks the store")
    func oneKey_oneLookUp() throws {
        var state = State()
        #expect(text("a", &state, at: start) == "unknown")
        let asked = ask("a", &state)
        let first = try #require(asked)
        let second = ask("a", &state)
        #expect(second == nil)
        state.begun(first.number, of: "a", now: start)
        state.ended(first.number, of: "a", in: first.lane, .success(7))
        #expect(text("a", &state, at: start) == "7")
    }

    @Test("An answer from before a change is not kept", arguments: [true, false])
    func change_outdatesLookUps(ofAll: Bool) throws {
        var state = State()
        let asked = ask("a", &state)
        let old = try #require(asked)
        state.begun(old.number, of: "a", now: start)
        if ofAll { state.changed() } else { state.changed("a") }
        let again = ask("a", &state)
        let new = try #require(again)
        state.ended(old.number, of: "a", in: old.lane, .success(1))
        #expect(text("a", &state, at: start) == "unknown")
        state.begun(new.number, of: "a", now: start)
        state.ended(new.number, of: "a", in: new.lane, .success(2))
        #expect(text("a", &state, at: start) == "2")
    }

    @Test("A look-up whose turn comes after a change is as good as a new one")
    func change_leavesThoseInLine() throws {
        var state = State()
        let asked = ask("a", &state)
        let waiting = try #require(asked)
        state.changed()
        let again = ask("a", &state)
        #expect(again == nil)
        state.begun(waiting.number, of: "a", now: start)
        state.ended(waiting.number, of: "a", in: waiting.lane, .success(1))
        #expect(text("a", &state, at: start) == "1")
    }

    @Test("After a change known keys go before strangers, and neither answer nor refusal stands")
    func change_keepsTheLane() throws {
        var state = State()
        try learn("good", 1, at: start, &state)
        try learn("bad", nil, at: start, &state)
        #expect(text("bad", &state, at: start) == "refused")
        state.changed()
        #expect(text("good", &state, at: start) == "unknown")
        #expect(text("bad", &state, at: start) == "unknown")
        let (good, bad) = (ask("good", &state), ask("bad", &state))
        #expect(good?.lane == .known)
        #expect(bad?.lane == .strangers)
    }

    @Test("An answer that grows old is given while it is asked for again, now and then while nobody answers")
    func age_asksAgain() throws {
        var state = State()
        try learn("a", 1, at: start, &state)
        #expect(text("a", &state, at: after(.seconds(59))) == "1")
        #expect(text("a", &state, at: after(.seconds(60))) == "1 due")
        try fail("a", at: after(.seconds(60)), &state)
        #expect(text("a", &state, at: after(.seconds(64))) == "1")
        #expect(text("a", &state, at: after(.seconds(65))) == "1 due")
        try learn("a", nil, at: after(.seconds(65)), &state)
        #expect(text("a", &state, at: after(.seconds(65))) == "refused")
    }

    @Test("A clock that was set back keeps no answer for ever")
    func clockSetBack_isOld() throws {
        var state = State()
        try learn("a", 1, at: after(.seconds(1_000)), &state)
        #expect(text("a", &state, at: start) == "1 due")
    }

    @Test("Strangers fill only their own line and their own memory")
    func strangers_areBounded() throws {
        var state = State(limits: .init(answers: 10, refusals: 3, strangers: 2))
        try learn("good", 1, at: start, &state)
        for number in 0..<20 { try learn("x\(number)", nil, at: start, &state) }
        #expect(text("good", &state, at: start) == "1")
        let asked = [ask("s1", &state), ask("s2", &state), ask("s3", &state)]
        #expect(asked.map { $0 == nil } == [false, false, true])
        let good = ask("good", &state)
        #expect(good?.lane == .known)
        let second = try #require(asked[1])
        state.ended(second.number, of: "s2", in: second.lane, .success(nil))
        let third = ask("s3", &state)
        #expect(third != nil)
    }

    @Test("A store that fails was asked all the same")
    func failure_countsAsAsked() throws {
        var state = State()
        try learn("a", 1, at: start, &state)
        let doubt = Duration.milliseconds(250)
        #expect(state.wasAsked("a", within: doubt, now: after(.milliseconds(249))))
        #expect(!state.wasAsked("a", within: doubt, now: after(.milliseconds(250))))
        try fail("a", at: after(.milliseconds(300)), &state)
        #expect(state.wasAsked("a", within: doubt, now: after(.milliseconds(400))))
        #expect(text("a", &state, at: after(.milliseconds(400))) == "1")
        _ = ask("a", &state)
        #expect(!state.wasAsked("a", within: doubt, now: after(.milliseconds(400))))
    }
}
