import Logging

/// Gives the metadata of each line, `name=value` in the order of the names.
final class RefusalLines: LogHandler, Sendable {
    /// Of each line, once: for one reader.
    let lines: AsyncStream<String>
    private let told: AsyncStream<String>.Continuation
    private let message: String

    /// - Parameter message: lines with another one are left out.
    init(_ message: String) {
        self.message = message
        (lines, told) = AsyncStream.makeStream()
    }

    var logger: Logger { Logger(label: "test") { _ in self } }

    /// The next lines.
    func next(_ count: Int) async -> [String] {
        var found: [String] = []
        for await line in lines.prefix(count) { found.append(line) }
        return found
    }

    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        guard "\(event.message)" == message else { return }
        told.yield((event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " "))
    }
}
