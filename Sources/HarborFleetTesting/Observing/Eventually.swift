/// Checks a condition again and again until it holds, and gives up at a deadline. So a test sees what it waits
/// for, instead of assuming it after some time.
/// - Returns: whether the condition held in time.
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
