/// Runs a program to its end and returns its output.
package enum ShortCommand {
    /// The most output that is kept, in bytes.
    package static let outputBytes = 65_536
    /// The longest input, in bytes: a pipe always accepts this much without blocking.
    private static let inputBytes = 4_096

    /// Runs a program. Blocks until it has ended.
    /// - Parameter input: the program's standard input, at most 4 KiB.
    /// - Returns: how it ended, and the first 64 KiB of its standard output and error together.
    package static func run(
        _ command: ChildProcess.Command, input: String = ""
    ) throws(ChildProcess.Failure) -> (exit: ChildProcess.Exit, output: String) {
        precondition(input.utf8.count <= inputBytes)
        let given = try pipe(for: command)
        try? given.writer.write(Array(input.utf8))
        let source = given.closingWriter()
        let printed = try pipe(for: command)
        let sink = printed.writer.rawValue
        let child = try ChildProcess(command, descriptors: [source.rawValue, sink, sink])
        // Close our copy of the writer: only the child may have one, or its output would never end.
        let text = text(of: printed.closingWriter())
        return (child.wait(), text)
    }

    private static func pipe(for command: ChildProcess.Command) throws(ChildProcess.Failure) -> Pipe {
        do throws(SystemError) {
            return try Pipe()
        } catch {
            throw ChildProcess.Failure(executable: command.executable, reason: "\(error)")
        }
    }

    private static func text(of output: borrowing FileDescriptor) -> String {
        var kept: [UInt8] = []
        while let bytes = try? output.read(), !bytes.isEmpty {
            kept += bytes.prefix(outputBytes - kept.count)
        }
        return String(decoding: kept, as: UTF8.self)
    }
}
