internal import Processes

/// A shell that cleans up when this object is released, or when this process ends, even when killed. It waits
/// for the end of a pipe whose only writer is in this process. Signals for this process do not reach it.
final class Watchdog: Sendable {
    private let pipe: Pipe

    /// - Parameters:
    ///   - script: the clean-up that it then runs.
    ///   - arguments: its `$1`, `$2`, …
    init(_ script: String, _ arguments: [String]) throws {
        pipe = try Pipe()
        let wait = "trap '' HUP INT TERM\ncat >/dev/null\n"
        _ = try ChildProcess(.shell(wait + script, arguments), input: pipe.reader.rawValue)
    }
}
