import Synchronization

/// Shows progress: on a terminal one line that is overwritten, otherwise a line every ten seconds at most.
package final class ProgressLine: Sendable {
    private struct State {
        var shownAt: ContinuousClock.Instant?
        var isLineOpen = false
        var notesLeft = 50
    }

    /// Text is written under the lock, so that lines of two threads do not mix.
    private let state = Mutex(State())
    private let isTerminal: Bool
    private let write: @Sendable (String) -> Void

    /// - Parameter write: writes text unchanged.
    package init(isTerminal: Bool, write: @escaping @Sendable (String) -> Void) {
        self.isTerminal = isTerminal
        self.write = write
    }

    /// Shows `totals`, unless something was shown a moment ago.
    package func show(_ totals: SimulationTotals) {
        state.withLock { state in
            let now = ContinuousClock.now
            let pause: Duration = isTerminal ? .milliseconds(100) : .seconds(10)
            if let shownAt = state.shownAt, shownAt.duration(to: now) < pause { return }
            state.shownAt = now
            write(isTerminal ? "\r\u{1B}[K" + totals.line : totals.line + "\n")
            state.isLineOpen = isTerminal
        }
    }

    /// Writes a line of its own, at most 50 times: later notes are dropped, but the totals still count.
    package func note(_ text: String) {
        state.withLock { state in
            guard state.notesLeft > 0 else { return }
            state.notesLeft -= 1
            let ending = state.notesLeft == 0 ? "\n(further messages are not shown)\n" : "\n"
            write(Self.opening(state) + text + ending)
            state.isLineOpen = false
        }
    }

    /// Shows the final totals.
    package func finish(_ totals: SimulationTotals) {
        state.withLock { state in
            write(Self.opening(state) + totals.line + "\n")
            state.isLineOpen = false
        }
    }

    private static func opening(_ state: State) -> String { state.isLineOpen ? "\r\u{1B}[K" : "" }
}
