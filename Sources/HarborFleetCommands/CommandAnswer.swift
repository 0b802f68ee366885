internal import FoundationEssentials

/// What a command writes to standard output: for a person, or with `--json` for a program.
protocol CommandAnswer: Encodable {
    /// Without the final line end; nil when a person needs no more than the exit status.
    var text: String? { get }
}

extension CommandAnswer {
    /// The text, or one line of JSON with its members in alphabetical order.
    func rendered(asJSON: Bool) throws -> String? {
        guard asJSON else { return text }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// Writes it.
    func write(asJSON: Bool) throws {
        if let output = try rendered(asJSON: asJSON) { StandardStreams.writeOutput(output) }
    }
}

/// A list: a table with a head line for a person, an array for a program.
struct TableAnswer<Row: TableRow>: CommandAnswer {
    let rows: [Row]

    init(_ rows: [Row]) {
        self.rows = rows
    }

    var text: String? {
        let cells = [Row.columns] + rows.map(\.cells)
        let widths = Row.columns.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        return cells.map { row in
            let padded = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            return padded.joined(separator: "  ").trimmingSpaces
        }.joined(separator: "\n")
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rows)
    }
}

/// A line of a list. It has as many cells as columns.
protocol TableRow: Encodable {
    static var columns: [String] { get }
    var cells: [String] { get }
}

extension String {
    fileprivate var trimmingSpaces: String {
        var rest = self[...]
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}
