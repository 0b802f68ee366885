/// Checks a condition every 20 ms until it holds. This is for what no event announces: a test awaits an event wherever
/// there is one (`Observed`, `EventRecorder`, `ProcessLog`), and says at each use of this why there is none.
/// - Returns: whether the condition held within `limit`.
package func eventually(
    within limit: Duration = .seconds(20), _ condition: () async throws -> Bool
) async throws -> Bool {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while true {
        if try await condition() { return true }
        guard clock.now < deadline else { return false }
        try await clock.sleep(for: .milliseconds(20))
    }
}

/// Returns once a condition holds; if it does not hold in time, the test fails here.
/// - Throws: `TestFailure` when it does not hold in time.
package func waitUntil(
    within limit: Duration = .seconds(20), file: StaticString = #fileID, line: Int = #line,
    _ condition: () async throws -> Bool
) async throws {
    guard try await eventually(within: limit, condition) else {
        throw TestFailure("\(file):\(line): not so within \(limit)")
    }
}
