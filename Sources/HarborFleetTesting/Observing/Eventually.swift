/// Asks until a condition holds, and gives up at a deadline: what a test waits for is never taken for granted
/// after some time, it is seen.
/// - Returns: whether it held in time.
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

/// Returns once a condition holds; a test that waits in vain fails here.
/// - Throws: `TestFailure` when it does not hold in time.
package func waitUntil(
    within limit: Duration = .seconds(20), file: StaticString = #fileID, line: Int = #line,
    _ condition: () async throws -> Bool
) async throws {
    guard try await eventually(within: limit, condition) else {
        throw TestFailure("\(file):\(line): not so within \(limit)")
    }
}
