import HarborFleet

/// Sends fixes in POSTs of a bounded size, in order, and counts what becomes of them.
package struct FixSender: Sendable {
    /// What a POST that was given up after all its attempts means.
    package enum UnreachablePolicy: Sendable {
        /// The simulation ends: nothing is skipped silently.
        case end
        /// It goes on with what comes next, for a demonstration that outlives its server's restarts.
        case carryOn
    }

    private let poster: SignedPoster
    private let progress: SimulationProgress
    private let unreachablePolicy: UnreachablePolicy

    package init(poster: SignedPoster, progress: SimulationProgress, unreachable: UnreachablePolicy) {
        self.poster = poster
        self.progress = progress
        unreachablePolicy = unreachable
    }

    /// Sends `fixes`, one POST after the other.
    /// - Parameter end: then nothing is tried again any more.
    /// - Throws: `SimulatorError` when it is of no use to go on; `CancellationError`.
    func send(
        _ fixes: some RandomAccessCollection<Fix>, perPost: Int, until end: ContinuousClock.Instant? = nil
    ) async throws {
        var rest = fixes[...]
        while !rest.isEmpty {
            try Task.checkCancellation()
            try await post(rest.prefix(perPost), until: end)
            rest = rest.dropFirst(perPost)
        }
    }

    private func post(
        _ fixes: some RandomAccessCollection<Fix>, until end: ContinuousClock.Instant?
    ) async throws {
        do {
            progress.answered(try await poster.post(fixes, until: end), fixes: fixes.count)
        } catch let error as SimulatorError {
            try failed(error, fixes: fixes.count)
        }
    }

    private func failed(_ error: SimulatorError, fixes: Int) throws(SimulatorError) {
        if case .refused(status: 422, _) = error {
            progress.rejected(fixes: fixes, because: error)
            return
        }
        progress.failed(fixes: fixes, because: error)
        if case .unreachable = error, unreachablePolicy == .carryOn { return }
        throw error
    }
}
