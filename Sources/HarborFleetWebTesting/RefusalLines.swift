import HarborFleetTesting
package import Logging
import Synchronization

/// Returns the metadata of each line, `name=value` in the order of the names.
package final class RefusalLines: Sendable {
    private let log = LogRecorder()
    private let taken = Mutex(0)
    private let message: String

    /// - Parameter message: lines with another message are skipped.
    package init(_ message: String) {
        self.message = message
    }

    package var logger: Logger { log.logger }

    /// The next lines.
    package func next(_ count: Int) async -> [String] {
        let (message, first) = (message, taken.withLock { $0 })
        await log.wait { lines in lines.count { $0.message == message } >= first + count }
        taken.withLock { $0 += count }
        return log.lines.filter { $0.message == message }[first..<(first + count)].map { line in
            line.fields.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")
        }
    }
}
