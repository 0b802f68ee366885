/// A fault of a recording's point. The raw value follows a number of points: `3 points whose time cannot be read`.
enum PointFlaw: String, CaseIterable, Sendable {
    case positionMissing = "without lat or lon"
    case positionUnreadable = "whose lat or lon is no number"
    case positionOutOfRange = "whose lat or lon is out of range"
    /// Exactly 0, 0, which receivers write while they have no position, and which the server does not accept.
    case positionZero = "at 0, 0, which means that the receiver had no position"
    case timeMissing = "without a time"
    case timeUnreadable = "whose time cannot be read"
    case timeRepeated = "whose time another point has already"
    /// The time does not rise from the point before it to the point after it, or is far from both, or is in the
    /// future.
    case timeStray = "whose time does not fit the points around it"
}

/// The flawed points of a recording, counted by flaw, with the places of the first few.
struct FlawedPoints: Equatable, Sendable {
    private var examples: [PointFlaw: Examples] = [:]

    var count: Int { examples.values.reduce(0) { $0 + $1.count } }

    mutating func add(_ flaw: PointFlaw, _ place: @autoclosure () -> String) {
        examples[flaw, default: Examples()].add(place())
    }

    /// Explains how to keep points that lack a time of their own; empty when there are none. A stray point is
    /// better left out.
    /// - Parameter interval: the interval that fits, in seconds; nil when any does.
    func advice(interval: Double?) -> [String] {
        let lacking: [PointFlaw] = [.timeMissing, .timeUnreadable, .timeRepeated]
        guard lacking.contains(where: { examples[$0] != nil }) else { return [] }
        let seconds = interval.map { "\($0)" } ?? "SECONDS"
        return ["--assume-interval-s \(seconds) would space the points without a time of their own"]
    }

    /// `3 points whose time cannot be read: line 8 (yesterday), line 9 (today), line 12 (now)`, one per flaw.
    var sentences: [String] {
        PointFlaw.allCases.compactMap { flaw in
            examples[flaw].map {
                "\($0.count) \($0.count == 1 ? "point" : "points") \(flaw.rawValue): \($0.list)"
            }
        }
    }
}
