package import EventLoops

/// Which of the answers that say "not now" (503) are worth a line: the first of a route, then one a minute. While
/// something is away or full each request gets one, thousands a second. A value: no log, no clock.
package struct RefusalLog: Sendable {
    private static let pause: Duration = .seconds(60)

    private struct Line {
        var nextAt: MonotonicInstant
        var unwritten = 0
    }

    /// As many as there are routes.
    private var lines: [String: Line] = [:]

    package init() {}

    /// A route answered 503.
    /// - Returns: how many lines of it were left out since the last one, when one is to be written now.
    package mutating func refused(_ route: String, now: MonotonicInstant) -> Int? {
        if let line = lines[route], now < line.nextAt {
            lines[route]?.unwritten += 1
            return nil
        }
        let unwritten = lines[route]?.unwritten ?? 0
        lines[route] = Line(nextAt: now.advanced(by: Self.pause))
        return unwritten
    }
}
