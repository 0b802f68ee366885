package import Logging

/// Records log lines of every level, and lets a test wait for them.
///
///     let log = LogRecorder()
///     let pool = PostgresPool(… logger: log.logger)
///     #expect(log.lines.map(\.message) == ["…"])
package struct LogRecorder: LogHandler {
    package struct Line: Sendable, Equatable {
        package let level: Logger.Level
        package let message: String
        /// The metadata as text.
        package let fields: [String: String]

        /// The text of a field.
        package subscript(name: String) -> String? { fields[name] }
    }

    private let recorder = EventRecorder<Line>()
    package var logLevel = Logger.Level.trace
    package var metadata: Logger.Metadata = [:]

    package init() {}

    /// A logger whose lines are recorded here.
    package var logger: Logger { Logger(label: "test") { _ in self } }

    /// All lines so far.
    package var lines: [Line] { recorder.events }

    /// Returns once the lines meet a condition.
    package func wait(until condition: @escaping @Sendable ([Line]) -> Bool) async {
        await recorder.wait(until: condition)
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }
        recorder.record(
            Line(level: event.level, message: "\(event.message)", fields: fields.mapValues { "\($0)" }))
    }
}

extension Logger {
    /// A logger that records nothing.
    package static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}
