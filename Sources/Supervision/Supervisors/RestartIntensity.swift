/// The limit of restarts within a sliding window of time.
package struct RestartIntensity: Sendable, Equatable {
    /// The most restarts within the window; not negative.
    package var maxRestarts: Int
    /// The length of the window.
    package var within: Duration

    /// Makes a limit. Default: 3 restarts within 5 s.
    package init(maxRestarts: Int = 3, within: Duration = .seconds(5)) {
        self.maxRestarts = maxRestarts
        self.within = within
    }
}

/// Counts restarts against a limit.
struct RestartIntensityState: Sendable, Equatable {
    let intensity: RestartIntensity
    /// The times of the restarts within the window: at most `maxRestarts + 1`, because its user stops at the limit.
    private var restarts: [ContinuousClock.Instant] = []

    init(_ intensity: RestartIntensity) { self.intensity = intensity }

    /// Counts a restart at `now`. A restart exactly one window old still counts, as in OTP.
    /// - Returns: false when this restart exceeds the limit.
    mutating func restartWanted(at now: ContinuousClock.Instant) -> Bool {
        restarts.removeAll { $0.duration(to: now) > intensity.within }
        restarts.append(now)
        return restarts.count <= intensity.maxRestarts
    }

    /// Forgets all restarts.
    mutating func reset() { restarts.removeAll() }
}
