import Testing

@testable import Supervision

@Suite struct RestartIntensityTests {
    let start = ContinuousClock.now

    @Test(arguments: [
        // The offsets of the wanted restarts in ms, and whether the last is allowed at 2 within 1 s.
        ([0], true), ([0, 0], true), ([0, 0, 0], false), ([0, 500, 1000], false), ([0, 500, 1001], true),
        ([0, 900, 1100, 1899], false), ([0, 900, 1100, 1901], true), ([0, 900, 1950, 2000], true),
    ])
    func window_slides(_ offsets: [Int], _ isLastAllowed: Bool) {
        var state = RestartIntensityState(RestartIntensity(maxRestarts: 2, within: .seconds(1)))
        let allowed = offsets.map { state.restartWanted(at: start.advanced(by: .milliseconds($0))) }
        #expect(allowed.last == isLastAllowed)
    }

    @Test func zeroRestarts_allowNone_andAResetForgets() {
        var none = RestartIntensityState(RestartIntensity(maxRestarts: 0))
        let isAllowedByNone = none.restartWanted(at: start)
        #expect(!isAllowedByNone)
        var one = RestartIntensityState(RestartIntensity(maxRestarts: 1))
        var allowed = [one.restartWanted(at: start)]
        one.reset()
        allowed += [one.restartWanted(at: start), one.restartWanted(at: start)]
        #expect(allowed == [true, true, false])
    }
}
