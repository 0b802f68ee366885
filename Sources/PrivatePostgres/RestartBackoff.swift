/// How long to wait before the next start: 0.1 s, doubled up to 10 s, from the start again once it stayed up.
struct RestartBackoff: Sendable, Equatable {
    static let shortest = Duration.milliseconds(100)
    static let longest = Duration.seconds(10)
    /// Who stayed up for so long did not fail because of its start.
    static let steadyAfter = Duration.seconds(60)

    private var next = shortest

    /// It ended, or did not start.
    /// - Parameter uptime: how long it had been ready; zero when it never was.
    /// - Returns: how long to wait.
    mutating func ended(uptime: Duration) -> Duration {
        if uptime >= Self.steadyAfter { next = Self.shortest }
        defer { next = min(next * 2, Self.longest) }
        return next
    }
}
