internal import Glibc
package import Processes

/// What a test waits for: lines of the log, readiness, and the end of the process.
extension ServerProcess {
    /// Returns the first line with this message that the present life logs, once it is there.
    /// - Parameters:
    ///   - message: as it stands in the line's `message`. The server has to log at its level.
    ///   - start: how many lines are passed over: a `logLines` of before.
    /// - Throws: `TestFailure` when the process ends without it, or after `limit`.
    @discardableResult
    package func logLine(
        saying message: String, after start: Int = 0, within limit: Duration = .seconds(20)
    ) async throws -> String {
        try await logLine(containing: "\"message\":\"\(message)\"", after: start, within: limit)
    }

    /// Like `logLine(saying:)`, for a text anywhere in a line.
    @discardableResult
    package func logLine(
        containing text: String, after start: Int = 0, within limit: Duration = .seconds(20)
    ) async throws -> String {
        if let line = await present?.log.line(containing: text, from: start, within: limit) { return line }
        throw TestFailure("the server does not log \(text) within \(limit):\n\(presentLog.suffix(4_000))")
    }

    /// How many lines the present life has logged.
    package var logLines: Int { present?.log.count ?? 0 }

    /// Returns when the present life is ready. The server has to log at `notice`.
    package func waitUntilReady(within limit: Duration = .seconds(60)) async throws {
        try await logLine(saying: "listening", within: limit)
        // Readiness is the state of many parts, of which none announces a change. The server itself looks every second
        // until it is ready; a request makes it look at once.
        let isDone = try await eventually(within: limit) { try await isReady() || !isRunning }
        guard isDone, isRunning else {
            throw TestFailure("the server is not ready within \(limit):\n\(presentLog.suffix(4_000))")
        }
    }

    /// Whether the response to `GET /ready` is 200.
    package func isReady() async throws -> Bool {
        guard let client = try? RawClient(port: publicPort) else { return false }
        guard let _ = try? await client.send("GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            let response = try? await client.response()
        else { return false }
        return response.status == 200
    }

    /// Returns when the present life has ended.
    package func waitForExit() async -> ChildProcess.Exit {
        await present?.process.waitForExit() ?? .code(-1)
    }

    /// Returns how the present life ended; nil when it goes on after `limit`.
    package func exit(within limit: Duration) async -> ChildProcess.Exit? {
        guard let process = present?.process else { return nil }
        return await BlockingQueue(label: "test.server-exit").run {
            // A process that was reaped has no descriptor, and has ended.
            if let descriptor = try? ProcessDescriptor(of: process.id) {
                _ = descriptor.fileDescriptor.waitUntilReadable(until: .now + limit)
            }
            return process.exit
        }
    }
}
