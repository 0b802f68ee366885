import Dispatch
import Glibc
import Logging
import Processes
import Synchronization

/// Writes log lines to a descriptor from one thread of its own, so that logging never blocks a loop.
///
/// Overflow policy: when the reader of the log is slower than we log, the newest lines are refused and counted,
/// and a record in the log tells how many. `SIGPIPE` must be ignored by the process.
package final class LogWriter: Sendable {
    private let descriptor: CInt
    private let encoder: LogRecordEncoder
    private let state: Mutex<LogBufferState>
    /// Targets its own root thread, never the global queues: a blocked pipe holds no other work up.
    private let queue = DispatchQueue(label: "harbor-fleet.log")

    /// A writer to an open descriptor, which stays the caller's.
    ///
    /// - Parameters:
    ///   - descriptor: standard output unless said.
    ///   - capacityBytes: of lines that wait; 1 MiB unless said.
    package init(format: LogFormat, descriptor: CInt = STDOUT_FILENO, capacityBytes: Int = 1_048_576) {
        self.descriptor = descriptor
        encoder = LogRecordEncoder(format: format)
        state = Mutex(LogBufferState(capacityBytes: capacityBytes))
    }

    /// How many records were not written so far.
    package var dropped: UInt64 { state.withLock { $0.dropped } }

    /// Waits until all that was logged before is written: at the end of a process, never on a loop.
    ///
    /// - Parameter limit: 2 s unless said; a reader that has stopped reading cannot hold up the end.
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

    /// Joins whole lines up to what a pipe takes in one piece (pipe(7): 4,096 bytes), so that lines of several
    /// processes on one pipe never mix. Returns how many lines were not written.
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
