internal import FoundationEssentials
internal import Glibc
internal import Processes

/// The two streams of a command: results go to standard output, everything else to standard error.
enum StandardStreams {
    /// Writes a line of the result.
    static func writeOutput(_ text: String) {
        write(text + "\n", to: STDOUT_FILENO)
    }

    /// Writes a line for the person at the terminal.
    static func writeError(_ text: String) {
        write(text + "\n", to: STDERR_FILENO)
    }

    /// Whether a line of standard error can be overwritten.
    static var isErrorTerminal: Bool {
        isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }

    /// Writes text unchanged.
    static func write(_ text: String, to number: CInt) {
        // Writing fails when the reader is gone; the text is then not needed.
        try? FileDescriptor.write(Array(text.utf8), to: number)
    }
}
