internal import Glibc
package import Processes

/// Runs programs for tests. Foundation's Process is not used: it also waits until the daemons of its child have
/// ended.
extension ChildProcess {
    /// Starts a program.
    /// - Parameters:
    ///   - input: a descriptor; nil for /dev/null.
    ///   - output: a file to which its output is appended; nil for /dev/null.
    ///   - errors: a file to which its errors are appended; nil for the same place as its output.
    package convenience init(
        _ command: Command, input: CInt? = nil, output: String? = nil, errors: String? = nil
    ) throws {
        let output = output ?? "/dev/null"
        let flags = O_WRONLY | O_CREAT | O_APPEND
        let outputFile = try FileDescriptor(opening: output, flags)
        let errorFile = try FileDescriptor(opening: errors ?? output, flags)
        try self.init(command, descriptors: [input, outputFile.rawValue, errorFile.rawValue])
    }

    /// Whether the program is still running.
    package var isRunning: Bool { exit == nil }

    /// Returns when the program has ended. Blocks neither a test's task nor a thread of Swift's tasks.
    package func waitForExit() async -> Exit {
        await BlockingQueue(label: "test.child-process").run { self.wait() }
    }
}

extension ChildProcess.Command {
    /// A script for sh(1).
    /// - Parameter arguments: its `$1`, `$2`, …
    package static func shell(_ script: String, _ arguments: [String] = [], in directory: String = "/")
        -> Self
    {
        .init(
            executable: "/bin/sh", arguments: ["-c", script, "sh"] + arguments,
            environment: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"], directory: directory)
    }
}
