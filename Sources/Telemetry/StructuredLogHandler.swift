package import Logging

/// A log handler that writes one line per record.
///
/// Metadata under the keys `token`, `secret`, `authorization`, `cookie` and `password` is never written.
///
/// ```swift
/// let writer = LogWriter(format: .json)
/// LoggingSystem.bootstrap({ StructuredLogHandler(label: $0, writer: writer, level: .info, metadataProvider: $1) },
///     metadataProvider: nil)
/// ```
package struct StructuredLogHandler: LogHandler {
    private let label: String
    private let writer: LogWriter

    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    package var logLevel: Logger.Level

    /// Makes a handler for one logger's label. Many handlers share a writer.
    package init(
        label: String, writer: LogWriter, level: Logger.Level = .info,
        metadataProvider: Logger.MetadataProvider? = nil
    ) {
        self.label = label
        self.writer = writer
        self.metadataProvider = metadataProvider
        logLevel = level
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes a record. Its own metadata overrides the provider's, which overrides the logger's.
    package func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let error = event.error { all["error"] = .string(String(describing: error)) }
        if let own = event.metadata { all.merge(own) { $1 } }
        writer.write(level: event.level, message: event.message.description, logger: label, metadata: all)
    }
}
