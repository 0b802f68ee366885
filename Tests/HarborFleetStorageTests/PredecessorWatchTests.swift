import Testing

@testable import HarborFleetStorage

/// When a server merges what the recorders before it commit.
@Suite struct PredecessorWatchTests {
    @Test func nothingIsMerged_whenNobodyWasThere() {
        var watch = PredecessorWatch()
        #expect(watch.looked(at: [], busy: []) == .end)
    }

    @Test func rows_areMergedOnce_whenTheBackendsAreGone() {
        var watch = PredecessorWatch()
        #expect(watch.looked(at: [1, 2], busy: [1]) == .look)
        #expect(watch.looked(at: [1], busy: [1]) == .look)
        // A later server's backend is none of those that were there.
        #expect(watch.looked(at: [3], busy: [3]) == .mergeAndEnd)
    }

    @Test func restingBackends_areNotWaitedFor() {
        var watch = PredecessorWatch()
        #expect(watch.looked(at: [1], busy: []) == .look)
        #expect(watch.looked(at: [1], busy: []) == .merge)
        #expect(watch.looked(at: [1], busy: []) == .look)
    }

    @Test func rows_areMergedAgain_whenARestingBackendHasWorkedOrGone() {
        var watch = PredecessorWatch()
        _ = watch.looked(at: [1], busy: [])
        #expect(watch.looked(at: [1], busy: []) == .merge)
        #expect(watch.looked(at: [1], busy: [1]) == .look)
        #expect(watch.looked(at: [1], busy: []) == .merge)
        #expect(watch.looked(at: [], busy: []) == .mergeAndEnd)
    }
}
