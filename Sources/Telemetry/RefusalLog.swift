internal import Logging

/// A rate limit for log lines about refused requests: at most a few lines a minute for one subject, by default one.
///
/// Without it, refusals could fill the log: while a service is down or full, thousands of requests a second get 503,
/// and an unauthenticated client can send as many that get 401. This is a value without a log or a clock.
package struct RefusalLog: Sendable {
    private static let minute: Duration = .seconds(60)

    private struct Line {
        /// The times of the last lines, the oldest first. It has at most as many as a minute allows.
        var written: [ContinuousClock.Instant] = []
        /// The number of refusals without a line since the last line.
        var unwritten = 0

        mutating func refused(now: ContinuousClock.Instant, linesPerMinute: Int) -> Int? {
            if written.count >= linesPerMinute {
                guard let oldest = written.first, oldest.advanced(by: minute) <= now else {
                    unwritten += 1
                    return nil
                }
                written.removeFirst()
            }
            written.append(now)
            defer { unwritten = 0 }
            return unwritten
        }

        func isOver(now: ContinuousClock.Instant) -> Bool {
            written.last.map { $0.advanced(by: minute) <= now } ?? true
        }
    }

    private let linesPerMinute: Int
    private let capacity: Int
    private var lines: [String: Line] = [:]
    /// The shared entry of all subjects that have no entry of their own.
    private var others = Line()
    private var nextPruning: ContinuousClock.Instant?

    /// - Parameters:
    ///   - linesPerMinute: the most lines a minute for one subject; at least 1.
    ///   - capacity: the most subjects with a limit of their own. All further subjects share one limit.
    package init(linesPerMinute: Int = 1, capacity: Int = 1_024) {
        self.linesPerMinute = max(linesPerMinute, 1)
        self.capacity = capacity
    }

    /// The number of subjects that have an entry.
    package var count: Int { lines.count }

    /// A request of a subject, such as a route, was refused.
    /// - Returns: nil when no line must be written; else how many refusals got no line since the last line of this
    ///   subject, or of all subjects that share an entry.
    package mutating func refused(_ subject: String, now: ContinuousClock.Instant) -> Int? {
        guard lines[subject] != nil || hasRoom(now: now) else {
            return others.refused(now: now, linesPerMinute: linesPerMinute)
        }
        return lines[subject, default: Line()].refused(now: now, linesPerMinute: linesPerMinute)
    }

    /// Whether there is room for another subject. Removes subjects that had no line for a minute, but at most once a
    /// second, because that examines all subjects.
    private mutating func hasRoom(now: ContinuousClock.Instant) -> Bool {
        guard lines.count >= capacity else { return true }
        if let nextPruning, now < nextPruning { return false }
        nextPruning = now.advanced(by: .seconds(1))
        lines = lines.filter { !$0.value.isOver(now: now) }
        return lines.count < capacity
    }
}

extension Logger.Metadata {
    /// Adds the number of refusals that got no line before this one; adds nothing when it is 0.
    package mutating func add(unwritten: Int) {
        if unwritten > 0 { self["unwritten"] = .stringConvertible(unwritten) }
    }
}
