/// What a simulation has done so far. Fixes, but for `errors` and `retries`, which are POSTs.
package struct SimulationTotals: Equatable, Sendable, Codable {
    /// In POSTs that were answered or given up.
    package var sent = 0
    package var accepted = 0
    package var duplicates = 0
    /// Fixes that the server found invalid.
    package var rejected = 0
    /// POSTs given up or refused whole.
    package var errors = 0
    /// Attempts that were repeats.
    package var retries = 0
    /// Points of a recording without a usable time or position.
    package var leftOut = 0

    package init() {}

    /// Whether the exit status is 0.
    package var isFine: Bool { rejected == 0 && errors == 0 }

    /// For a person, in one line.
    package var line: String {
        let parts = [
            "sent \(sent)", "accepted \(accepted)", "duplicates \(duplicates)", "rejected \(rejected)",
            "errors \(errors)",
        ]
        let rare = [(retries, "retries"), (leftOut, "left out")].filter { $0.0 > 0 }.map { "\($0.1) \($0.0)" }
        return (parts + rare).joined(separator: ", ")
    }

    private enum CodingKeys: String, CodingKey {
        case sent, accepted, duplicates, rejected, errors, retries
        case leftOut = "left_out"
    }
}
