internal import FoundationEssentials
internal import HarborFleet

/// The result of a command, for standard output: as text for people, or with `--json` for programs.
///
///     CommandOutput(text: "hft_x", ["name": .text("desk"), "token": .text("hft_x")])
///     CommandOutput(tokens, columns: [Column("NAME", "name") { .text($0.name) }])
struct CommandOutput {
    /// Without the final line end; nil when people need no more than the exit status.
    private let text: String?
    private let json: any Encodable

    /// - Parameter json: in JSON its members' names become snake case.
    init(text: String? = nil, json: any Encodable) {
        self.text = text
        self.json = json
    }

    /// An object. A member without a value is left out.
    init(text: String? = nil, _ members: [String: OutputValue?]) {
        self.init(text: text, json: members.compactMapValues(\.self))
    }

    /// A list: for people a table with a head line, for programs an array of objects.
    init<Item>(_ items: [Item], columns: [Column<Item>]) {
        let objects = items.map { item in
            Dictionary(uniqueKeysWithValues: columns.map { ($0.name, $0.value(item)) }).compactMapValues(
                \.self)
        }
        let shown = columns.filter { $0.title != nil }
        let cells = [shown.compactMap(\.title)] + items.map { item in shown.map { $0.cell(item) } }
        let widths = shown.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        let lines = cells.map { row in
            let padded = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            return padded.joined(separator: "  ").trimmingSpaces
        }
        self.init(text: lines.joined(separator: "\n"), json: objects)
    }

    /// The text, or one line of JSON with its members in alphabetical order.
    func rendered(asJSON: Bool) throws -> String? {
        guard asJSON else { return text }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(json), as: UTF8.self)
    }

    /// Writes the result to standard output.
    func write(asJSON: Bool) throws {
        if let output = try rendered(asJSON: asJSON) { StandardStreams.writeOutput(output) }
    }
}

/// A member of the objects in a list. With a title it is also a column of the table.
struct Column<Item>: Sendable {
    let title: String?
    let name: String
    let value: @Sendable (Item) -> OutputValue?
    private let missing: String
    private let shown: (@Sendable (Item) -> String)?

    /// - Parameters:
    ///   - missing: the text in the table when there is no value.
    ///   - shown: the text in the table instead of the value.
    init(
        _ title: String?, _ name: String, missing: String = "-", shown: (@Sendable (Item) -> String)? = nil,
        _ value: @escaping @Sendable (Item) -> OutputValue?
    ) {
        self.title = title
        self.name = name
        self.value = value
        self.missing = missing
        self.shown = shown
    }

    func cell(_ item: Item) -> String { shown?(item) ?? value(item)?.text ?? missing }
}

/// A value of a command's output.
enum OutputValue: Encodable, Sendable {
    case text(String)
    case number(Int)
    case flag(Bool)
    case list([String])

    /// A time in UTC with milliseconds.
    static func time(_ timestamp: Timestamp) -> OutputValue { .text(timestamp.rfc3339) }

    var text: String {
        switch self {
        case .text(let text): text
        case .number(let number): "\(number)"
        case .flag(let flag): "\(flag)"
        case .list(let parts): parts.joined(separator: ",")
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .flag(let flag): try container.encode(flag)
        case .list(let parts): try container.encode(parts)
        }
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        var rest = self[...]
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}
