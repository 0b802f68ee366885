import Dispatch
import Glibc
import Logging
import Processes
import Synchronization

/// Writes log lines to a descriptor from one thread of its own, so that logging never blocks a loop.
///
/// Overflow policy: if the log is read more slowly than it is written, the newest lines are dropped and counted, and a
/// record in the log reports their number. The process must ignore `SIGPIPE`.
package final class LogWriter: Sendable {
    private let descriptor: CInt
    private let encoder: LogRecordEncoder
    private let state: Mutex<LogBufferState>
    /// The queue whose thread writes. A blocked pipe blocks only this thread, which does not run Swift's tasks.
    private let queue = DispatchQueue(label: "harbor-fleet.log")

    /// Makes a writer to an open descriptor. The caller still owns the descriptor.
    ///
    /// - Parameters:
    ///   - descriptor: default standard output.
    ///   - capacityBytes: the most bytes of lines that wait to be written. Default 1 MiB.
    package init(format: LogFormat, descriptor: CInt = STDOUT_FILENO, capacityBytes: Int = 1_048_576) {
        self.descriptor = descriptor
        encoder = LogRecordEncoder(format: format)
        state = Mutex(LogBufferState(capacityBytes: capacityBytes))
    }

    /// The number of records that were dropped so far.
    package var dropped: UInt64 { state.withLock { $0.dropped } }

    /// Blocks until all earlier records are written. It is for the end of a process, and must not be called on a loop.
    ///
    /// - Parameter limit: the longest wait, so that a log that is no longer read cannot delay the end. Default 2 s.
    package func flush(within limit: Duration = .seconds(2)) {
        let isDone = DispatchSemaphore(value: 0)
        queue.async {
            self.drain()
            isDone.signal()
        }
        _ = isDone.wait(timeout: .now() + .milliseconds(Int(limit / .milliseconds(1))))
    }

    func write(level: Logger.Level, message: String, logger: String, metadata: Logger.Metadata) {
        let line = encoder.line(
            milliseconds: UTCTime.nowMilliseconds(), level: level, message: message, logger: logger,
            metadata: metadata)
        if state.withLock({ $0.offered(line) }) { queue.async { self.drain() } }
    }

    private func drain() {
        while let (lines, newlyDropped) = state.withLock({ $0.nextLines() }) {
            let unwritten = write(lines) + (newlyDropped > 0 ? write([notice(of: newlyDropped)]) : 0)
            if unwritten > 0 { state.withLock { $0.couldNotWrite(unwritten) } }
        }
    }

    private func notice(of dropped: UInt64) -> [UInt8] {
        encoder.line(
            milliseconds: UTCTime.nowMilliseconds(), level: .warning, message: "log records dropped",
            logger: "harbor-fleet.log", metadata: ["dropped": .stringConvertible(dropped)])
    }

    /// Writes lines in chunks of whole lines. A chunk has at most the size that a pipe accepts in one piece (pipe(7):
    /// 4,096 bytes), so that lines of several processes on one pipe do not mix. Only a line that is longer can mix.
    /// - Returns: how many lines were not written.
    private func write(_ lines: [[UInt8]]) -> Int {
        var chunk: [UInt8] = []
        var (linesInChunk, unwritten) = (0, 0)
        for line in lines {
            if chunk.count + line.count > Int(PIPE_BUF), !chunk.isEmpty {
                unwritten += isWritten(chunk) ? 0 : linesInChunk
                chunk.removeAll(keepingCapacity: true)
                linesInChunk = 0
            }
            chunk += line
            linesInChunk += 1
        }
        return unwritten + (isWritten(chunk) ? 0 : linesInChunk)
    }

    private func isWritten(_ bytes: [UInt8]) -> Bool {
        (try? FileDescriptor.write(bytes, to: descriptor)) != nil
    }
}
