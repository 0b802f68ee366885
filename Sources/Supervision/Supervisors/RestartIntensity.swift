/// How many restarts are borne within a sliding window of time.
package struct RestartIntensity: Sendable, Equatable {
    /// One restart more than this within the window is too many; not negative.
    package var maxRestarts: Int
    /// The length of the window.
    package var within: Duration

    /// An intensity; 3 restarts within 5 s unless said.
    package init(maxRestarts: Int = 3, within: Duration = .seconds(5)) {
        self.maxRestarts = maxRestarts
        self.within = within
    }
}

/// The restarts that count at present against one intensity.
struct RestartIntensityState: Sendable, Equatable {
    let intensity: RestartIntensity
    /// Never more than `maxRestarts + 1` instants.
    private var restarts: [ContinuousClock.Instant] = []

    init(_ intensity: RestartIntensity) { self.intensity = intensity }

    /// Counts a restart wanted at `now`; false when it is one too many. A restart exactly one window old
    /// still counts, as in OTP.
    mutating func restartWanted(at now: ContinuousClock.Instant) -> Bool {
        restarts.removeAll { $0.duration(to: now) > intensity.within }
        restarts.append(now)
        return restarts.count <= intensity.maxRestarts
    }

    /// Forgets every restart.
    mutating func reset() { restarts.removeAll() }
}
