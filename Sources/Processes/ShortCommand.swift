internal import Glibc

/// Runs a program to its end and keeps what it printed.
package enum ShortCommand {
    /// The most that is kept of the output, and the most input that a pipe surely takes at once.
    package static let outputBytes = 65_536
    private static let inputBytes = 4_096

    /// Blocks until the program ended.
    /// - Parameter input: what it reads from its standard input, at most 4 KiB.
    /// - Returns: how it ended, and the first 64 KiB of its output and errors together.
    package static func run(
        _ command: ChildProcess.Command, input: String = ""
    ) throws(ChildProcess.Failure) -> (exit: ChildProcess.Exit, output: String) {
        precondition(input.utf8.count <= inputBytes)
        let (inputEnd, inputWriter) = try pipe(for: command)
        defer { close(inputEnd) }
        let (reader, outputEnd) = try pipe(for: command)
        defer { close(reader) }
        write(input, to: inputWriter)
        let child: ChildProcess
        do {
            // The child's ends are closed here too, else the end of its output would never be seen.
            defer { close(outputEnd) }
            child = try ChildProcess(command, input: inputEnd, output: outputEnd)
        }
        let output = readToEnd(reader)
        return (child.wait(), output)
    }

    private static func pipe(for command: ChildProcess.Command) throws(ChildProcess.Failure) -> (CInt, CInt) {
        var ends: [CInt] = [-1, -1]
        // The kernel writes two numbers into the array.
        guard unsafe Glibc.pipe(&ends) == 0 else {
            throw ChildProcess.Failure(executable: command.executable, reason: SystemError.text(errno))
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func write(_ input: String, to writer: CInt) {
        let bytes = Array(input.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(writer, $0.baseAddress, $0.count) }
        close(writer)
    }

    private static func readToEnd(_ reader: CInt) -> String {
        var kept: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            // The buffer lends its memory for the call.
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(reader, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return String(decoding: kept, as: UTF8.self) }
            kept.append(contentsOf: buffer.prefix(min(count, outputBytes - kept.count)))
        }
    }
}
