internal import Logging

/// Which of many refusals are worth a line: of one subject a few a minute, one unless said otherwise. While something is
/// away or full each request gets a 503, thousands a second, and a stranger may send as much that gets a 401. A value: no
/// log, no clock.
package struct RefusalLog: Sendable {
    private static let minute: Duration = .seconds(60)

    private struct Line {
        /// When the last ones were written, the oldest first; no more than may be written in a minute.
        var written: [ContinuousClock.Instant] = []
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
    /// Of all subjects for which there is no room.
    private var others = Line()
    private var nextPruning: ContinuousClock.Instant?

    /// - Parameters:
    ///   - linesPerMinute: of one subject; at least 1.
    ///   - capacity: subjects that have lines of their own. Beyond it the others share one subject's lines.
    package init(linesPerMinute: Int = 1, capacity: Int = 1_024) {
        self.linesPerMinute = max(linesPerMinute, 1)
        self.capacity = capacity
    }

    /// The subjects that are remembered.
    package var count: Int { lines.count }

    /// A request of a subject, such as a route, was refused.
    /// - Returns: how many of the subject's were left out since its last line, when one is to be written now.
    package mutating func refused(_ subject: String, now: ContinuousClock.Instant) -> Int? {
        guard lines[subject] != nil || hasRoom(now: now) else {
            return others.refused(now: now, linesPerMinute: linesPerMinute)
        }
        return lines[subject, default: Line()].refused(now: now, linesPerMinute: linesPerMinute)
    }

    /// Forgets those that had no line for a minute, at most once a second: it looks at all of them.
    private mutating func hasRoom(now: ContinuousClock.Instant) -> Bool {
        guard lines.count >= capacity else { return true }
        if let nextPruning, now < nextPruning { return false }
        nextPruning = now.advanced(by: .seconds(1))
        lines = lines.filter { !$0.value.isOver(now: now) }
        return lines.count < capacity
    }
}

extension Logger.Metadata {
    /// Says as a number how many lines of a subject were left out before this one; nothing when none was.
    package mutating func add(unwritten: Int) {
        if unwritten > 0 { self["unwritten"] = .stringConvertible(unwritten) }
    }
}
