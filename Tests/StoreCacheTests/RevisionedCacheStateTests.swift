import Testing

@testable import StoreCache

/// The cache's knowledge of keys, at instants that the tests choose.
struct RevisionedCacheStateTests {
    private typealias State = RevisionedCacheState<String, Int>
    private let start = ContinuousClock.now
    private let client = Requester.network(bits: 1, isIPv6: false)
    private let away = StoreError(.unavailable, detail: "away")

    private func state(_ change: (inout RevisionedCacheRules) -> Void = { _ in }) -> State {
        var rules = RevisionedCacheRules()
        change(&rules)
        return State(rules: rules)
    }

    private func known(_ key: String, _ state: inout State, at now: ContinuousClock.Instant) -> State.Known {
        state.known(key, now: now)
    }

    private func isFlight(
        _ state: inout State, _ key: String, in lane: State.Lane, requester: Requester? = nil
    ) -> Bool {
        if case .flight = state.asked(key, in: lane, requester: requester) { true } else { false }
    }

    /// The lane whose runner must start.
    private func starts(_ state: inout State, _ key: String, in lane: State.Lane) -> State.Lane? {
        if case .flight(_, let lane) = state.asked(key, in: lane) { lane } else { nil }
    }

    /// The number of keys of the next batch; nil when nothing waits.
    private func keys(_ state: inout State, at now: ContinuousClock.Instant) -> Int? {
        state.begin(.warm, now: now)?.keys.count
    }

    private func learn(
        _ key: String, _ value: Int?, at now: ContinuousClock.Instant, _ state: inout State
    ) throws {
        _ = state.asked(key, in: .warm)
        let begun = state.begin(.warm, now: now)
        let batch = try #require(begun)
        _ = state.ended(batch, .success(value.map { [key: $0] } ?? [:]))
        #expect(keys(&state, at: now) == nil)
    }

    @Test func key_isLookedUpOnce_forAllCallers() throws {
        var state = state()
        #expect(known("a", &state, at: start) == .unsure)
        #expect(starts(&state, "a", in: .warm) == .warm)
        #expect(starts(&state, "a", in: .warm) == nil)
        #expect(starts(&state, "b", in: .warm) == nil, "the running batch includes it")
        let begun = state.begin(.warm, now: start)
        let batch = try #require(begun)
        #expect(Set(batch.keys) == ["a", "b"])
        let told = state.ended(batch, .success(["a": 7]))
        #expect(told.count == 2)
        #expect(known("a", &state, at: start) == .value(7, isDue: false))
        #expect(known("b", &state, at: start) == .absent)
    }

    @Test func batch_holdsAtMostTheKeysOfTheRules() throws {
        var state = state { $0.batch = 2 }
        for key in ["a", "b", "c"] { _ = state.asked(key, in: .warm) }
        #expect(keys(&state, at: start) == 2)
        #expect(keys(&state, at: start) == 1)
        #expect(keys(&state, at: start) == nil)
        #expect(starts(&state, "d", in: .warm) == .warm, "the runner has ended")
    }

    @Test func coldKey_needsRoom_unlessItsLookUpIsUnderWay() throws {
        var state = state()
        #expect(!isFlight(&state, "a", in: .cold))
        #expect(isFlight(&state, "a", in: .cold, requester: client))
        #expect(isFlight(&state, "a", in: .cold))
        let batch = state.begin(.cold, now: start)
        #expect(batch?.requesters == [client])
    }

    @Test(arguments: [true, false]) func value_isNotKept_whenItWasLookedUpBeforeAChange(ofAll: Bool) throws {
        var state = state()
        _ = state.asked("a", in: .warm)
        let begun = state.begin(.warm, now: start)
        let old = try #require(begun)
        if ofAll { state.changed() } else { state.changed("a") }
        #expect(isFlight(&state, "a", in: .warm))
        let told = state.ended(old, .success(["a": 1]))
        #expect(told.count == 1, "its callers get no result")
        #expect(known("a", &state, at: start) == .unsure)
        let again = state.begin(.warm, now: start)
        let new = try #require(again)
        _ = state.ended(new, .success(["a": 2]))
        #expect(known("a", &state, at: start) == .value(2, isDue: false))
    }

    @Test func value_isKept_whenItsLookUpStartsAfterAChange() throws {
        var state = state()
        _ = state.asked("a", in: .warm)
        state.changed()
        let begun = state.begin(.warm, now: start)
        let batch = try #require(begun)
        _ = state.ended(batch, .success(["a": 1]))
        #expect(known("a", &state, at: start) == .value(1, isDue: false))
    }

    @Test func valuesAndAbsences_areUnsure_afterAChange() throws {
        var state = state()
        try learn("good", 1, at: start, &state)
        try learn("bad", nil, at: start, &state)
        state.changed()
        #expect(known("good", &state, at: start) == .unsure)
        #expect(known("bad", &state, at: start) == .unsure)
        #expect(state.holds("good") && !state.holds("bad"))
    }

    @Test func value_outlivesChanges_untilTheListSaysOtherwise() throws {
        var state = state { $0.outlivesChanges = true }
        try learn("a", 1, at: start, &state)
        state.changed()
        #expect(known("a", &state, at: start) == .value(1, isDue: false))
        let load = state.loading()
        let replaced = state.loaded(load, ["b": 2], isWhole: true, now: start)
        #expect(replaced == [1])
        #expect(known("a", &state, at: start) == .unsure)
        #expect(state.isComplete)
    }

    @Test func oldValue_isGivenOut_whileItIsLookedUpAgain() throws {
        var state = state()
        try learn("a", 1, at: start, &state)
        #expect(known("a", &state, at: start + .seconds(59)) == .value(1, isDue: false))
        #expect(known("a", &state, at: start + .seconds(60)) == .value(1, isDue: true))
        _ = state.asked("a", in: .warm)
        let begun = state.begin(.warm, now: start + .seconds(60))
        let batch = try #require(begun)
        _ = state.ended(batch, .failure(away))
        #expect(known("a", &state, at: start + .seconds(64)) == .value(1, isDue: false))
        #expect(known("a", &state, at: start + .seconds(65)) == .value(1, isDue: true))
        try learn("a", nil, at: start + .seconds(65), &state)
        #expect(known("a", &state, at: start + .seconds(65)) == .absent)
    }

    @Test func absentKeys_pushOutNoValue() throws {
        var state = state { rules in
            rules.values = 10
            rules.absences = 3
        }
        try learn("good", 1, at: start, &state)
        for number in 0..<20 { try learn("x\(number)", nil, at: start, &state) }
        #expect(known("good", &state, at: start) == .value(1, isDue: false))
    }

    @Test func failedLookUp_countsAsOne_andOneUnderWayIsJoined() throws {
        var state = state()
        let doubt = Duration.milliseconds(250)
        try learn("a", 1, at: start, &state)
        #expect(state.wasAsked("a", within: doubt, now: start + .milliseconds(249)))
        #expect(!state.wasAsked("a", within: doubt, now: start + .milliseconds(250)))
        _ = state.asked("a", in: .warm)
        #expect(!state.wasAsked("a", within: doubt, now: start))
        let begun = state.begin(.warm, now: start + .milliseconds(300))
        let batch = try #require(begun)
        _ = state.ended(batch, .failure(away))
        #expect(state.wasAsked("a", within: doubt, now: start + .milliseconds(400)))
    }

    @Test func key_staysAsItsLookUpFoundIt_whenAListWasReadMeanwhile() throws {
        var state = state { $0.outlivesChanges = true }
        let load = state.loading()
        try learn("new", 1, at: start, &state)
        try learn("gone", nil, at: start, &state)
        let replaced = state.loaded(load, ["gone": 5], isWhole: true, now: start)
        #expect(replaced == [])
        #expect(known("new", &state, at: start) == .value(1, isDue: false))
        #expect(known("gone", &state, at: start) == .unsure)
        #expect(!state.isComplete, "the list may be too old")
        let next = state.loading()
        let none = state.loaded(next, ["new": 1], isWhole: true, now: start)
        #expect(none == [])
        #expect(state.isComplete)
    }

    @Test func value_doesNotOutliveAList_whenItWasLookedUpBefore() throws {
        var state = state { $0.outlivesChanges = true }
        _ = state.asked("a", in: .warm)
        let begun = state.begin(.warm, now: start)
        let old = try #require(begun)
        let load = state.loading()
        _ = state.loaded(load, ["a": 2], isWhole: true, now: start)
        _ = state.ended(old, .success(["a": 1]))
        #expect(known("a", &state, at: start) == .value(2, isDue: true), "its use is not noted")
    }

    @Test func list_isNotUsed_whenItIsFromBeforeAChange() throws {
        var state = state()
        let load = state.loading()
        state.changed()
        let replaced = state.loaded(load, ["a": 1], isWhole: true, now: start)
        #expect(replaced == nil)
        #expect(known("a", &state, at: start) == .unsure)
        #expect(!state.wasListed)
    }

    @Test func incompleteList_provesNoAbsence() throws {
        var state = state()
        let load = state.loading()
        _ = state.loaded(load, ["a": 1], isWhole: false, now: start)
        #expect(state.wasListed && !state.isComplete)
    }

    @Test func madeValue_isKnown_unlessSomethingChangedSince() throws {
        var state = state()
        let changes = state.changes
        state.made("a", 1, asOf: changes, now: start)
        #expect(known("a", &state, at: start) == .value(1, isDue: false))
        state.changed()
        state.made("b", 2, asOf: changes, now: start)
        #expect(known("b", &state, at: start) == .unsure)
    }

    @Test func failedList_leavesNoDoubtForTheNextOne() throws {
        var state = state { $0.outlivesChanges = true }
        _ = state.loading()
        try learn("old", 1, at: start, &state)
        state.loadFailed()
        let next = state.loading()
        let replaced = state.loaded(next, ["new": 2], isWhole: true, now: start)
        #expect(replaced == [1])
        #expect(state.isComplete)
    }
}
