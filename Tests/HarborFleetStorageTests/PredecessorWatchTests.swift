import Testing

@testable import HarborFleetStorage

/// The time at which a server merges the commits of the recorders before it.
@Suite struct PredecessorWatchTests {
    @Test func nothing_isMerged_withoutAPredecessor() {
        var watch = PredecessorWatch()
        #expect(watch.looked(at: [], busy: []) == .end)
    }

    @Test func rows_areMergedOnce_whenTheBackendsAreGone() {
        var watch = PredecessorWatch()
        #expect(watch.looked(at: [1, 2], busy: [1]) == .look)
        #expect(watch.looked(at: [1], busy: [1]) == .look)
        // The backend of a later server is not a predecessor.
        #expect(watch.looked(at: [3], busy: [3]) == .mergeAndEnd)
    }

    @Test func idleBackends_areNotWaitedFor() {
        var watch = PredecessorWatch()
        #expect(watch.looked(at: [1], busy: []) == .look)
        #expect(watch.looked(at: [1], busy: []) == .merge)
        #expect(watch.looked(at: [1], busy: []) == .look)
    }

    @Test func rows_areMergedAgain_whenAnIdleBackendHasWorkedOrEnded() {
        var watch = PredecessorWatch()
        _ = watch.looked(at: [1], busy: [])
        #expect(watch.looked(at: [1], busy: []) == .merge)
        #expect(watch.looked(at: [1], busy: [1]) == .look)
        #expect(watch.looked(at: [1], busy: []) == .merge)
        #expect(watch.looked(at: [], busy: []) == .mergeAndEnd)
    }
}
