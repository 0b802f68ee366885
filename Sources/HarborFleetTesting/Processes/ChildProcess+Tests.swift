internal import Glibc
package import Processes

/// Programs of tests. Not by Foundation's Process: that waits until the daemons of its child have ended too.
extension ChildProcess {
    /// Starts a program.
    /// - Parameters:
    ///   - input: a descriptor; nil for /dev/null.
    ///   - output: a file that its output is appended to; nil for /dev/null.
    ///   - errors: likewise for its errors; nil for where its output goes.
    package convenience init(
        _ command: Command, input: CInt? = nil, output: String? = nil, errors: String? = nil
    ) throws {
        let output = output ?? "/dev/null"
        let flags = O_WRONLY | O_CREAT | O_APPEND
        let outputFile = try FileDescriptor(opening: output, flags)
        let errorFile = try FileDescriptor(opening: errors ?? output, flags)
        try self.init(command, descriptors: [input, outputFile.rawValue, errorFile.rawValue])
    }

    /// Whether it has not ended.
    package var isRunning: Bool { exit == nil }

    /// Returns when it has ended. It blocks neither a test's task nor a thread of Swift's tasks.
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
