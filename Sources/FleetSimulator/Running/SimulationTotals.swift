/// The results of a simulation so far. They count fixes, except `errors` and `retries`, which count POSTs, and
/// `leftOut`, which counts points of the recording that became no fix.
package struct SimulationTotals: Equatable, Sendable, Encodable {
    /// Fixes in POSTs that got a final response or were given up.
    var sent = 0
    var accepted = 0
    var duplicates = 0
    /// Fixes that the server found invalid.
    var rejected = 0
    /// POSTs that were given up or refused as a whole.
    var errors = 0
    /// Attempts that were repeats.
    var retries = 0
    /// Points of a recording without a usable time or position.
    var leftOut = 0

    /// Whether the exit status is 0.
    package var isFine: Bool { rejected == 0 && errors == 0 }

    /// The totals for people, in one line.
    var line: String {
        let parts = [
            "sent \(sent)", "accepted \(accepted)", "duplicates \(duplicates)", "rejected \(rejected)",
            "errors \(errors)",
        ]
        let rare = [(retries, "retries"), (leftOut, "left out")].filter { $0.0 > 0 }.map { "\($0.1) \($0.0)" }
        return (parts + rare).joined(separator: ", ")
    }
}
