internal import Logging

/// Writes the server's notices and warnings of one connection to the log, at the level debug.
final class NoticeSink: Sendable {
    private let logger: Logger

    init(logger: Logger) {
        self.logger = logger
    }

    func receive(sqlState: String, message: String) {
        logger.debug(
            "notice from PostgreSQL", metadata: ["sql_state": "\(sqlState)", "notice": "\(message)"])
    }
}
