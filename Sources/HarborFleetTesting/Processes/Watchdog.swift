internal import Processes

/// A shell that cleans up when this object is let go, or when this process ends, killed or not: it waits for the end of a
/// pipe whose writer lives in this process alone. No signal meant for this process reaches it.
final class Watchdog: Sendable {
    private let pipe: Pipe

    /// - Parameters:
    ///   - script: what it does then.
    ///   - arguments: its `$1`, `$2`, …
    init(_ script: String, _ arguments: [String]) throws {
        pipe = try Pipe()
        let wait = "trap '' HUP INT TERM\ncat >/dev/null\n"
        _ = try ChildProcess(.shell(wait + script, arguments), input: pipe.reader.rawValue)
    }
}
