package import Logging

/// Gives the metadata of each line, `name=value` in the order of the names.
package final class RefusalLines: LogHandler, Sendable {
    /// Of each line, once: for one reader.
    package let lines: AsyncStream<String>
    private let told: AsyncStream<String>.Continuation
    private let message: String

    /// - Parameter message: lines with another one are left out.
    package init(_ message: String) {
        self.message = message
        (lines, told) = AsyncStream.makeStream()
    }

    package var logger: Logger { Logger(label: "test") { _ in self } }

    /// The next lines.
    package func next(_ count: Int) async -> [String] {
        var found: [String] = []
        for await line in lines.prefix(count) { found.append(line) }
        return found
    }

    package var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    package var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    package subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    package func log(event: LogEvent) {
        guard "\(event.message)" == message else { return }
        told.yield((event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " "))
    }
}
