import Testing

@testable import Supervision

@Suite("Restart intensity")
struct RestartIntensityTests {
    let start = ContinuousClock.now

    @Test(arguments: [
        // Offsets in ms of restarts wanted; whether the last one is borne, at 2 within 1 s.
        ([0], true), ([0, 0], true), ([0, 0, 0], false), ([0, 500, 1000], false), ([0, 500, 1001], true),
        ([0, 900, 1100, 1899], false), ([0, 900, 1100, 1901], true), ([0, 900, 1950, 2000], true),
    ])
    func `The window slides`(_ offsets: [Int], _ isLastBorne: Bool) {
        var state = RestartIntensityState(RestartIntensity(maxRestarts: 2, within: .seconds(1)))
        let answers = offsets.map { state.restartWanted(at: start.advanced(by: .milliseconds($0))) }
        #expect(answers.last == isLastBorne)
    }

    @Test func `Zero restarts bears none, and a reset forgets`() {
        var none = RestartIntensityState(RestartIntensity(maxRestarts: 0))
        let isBorneByNone = none.restartWanted(at: start)
        #expect(!isBorneByNone)
        var one = RestartIntensityState(RestartIntensity(maxRestarts: 1))
        var answers = [one.restartWanted(at: start)]
        one.reset()
        answers += [one.restartWanted(at: start), one.restartWanted(at: start)]
        #expect(answers == [true, true, false])
    }
}
