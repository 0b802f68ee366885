internal import FoundationEssentials
internal import Glibc
internal import Processes

/// The two streams of a command: what was asked for, and all else.
enum StandardStreams {
    /// Writes a line of what was asked for.
    static func writeOutput(_ text: String) {
        write(text + "\n", to: STDOUT_FILENO)
    }

    /// Writes a line for the person who watches.
    static func writeError(_ text: String) {
        write(text + "\n", to: STDERR_FILENO)
    }

    /// Whether a line of standard error can be written anew.
    static var isErrorTerminal: Bool {
        isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }

    /// Writes text as it is.
    static func write(_ text: String, to number: CInt) {
        // It fails when the reader has gone.
        try? FileDescriptor.write(Array(text.utf8), to: number)
    }
}
