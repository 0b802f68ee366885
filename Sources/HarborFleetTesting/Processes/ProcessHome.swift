internal import Foundation
internal import Glibc
package import Processes

/// A directory of one test's own for a program's data and logs, and the guard that no process outlives the test: when
/// the home is let go, or this process dies, what was started in it is killed, the private PostgreSQL too, and the
/// directory is deleted.
package final class ProcessHome: Sendable {
    /// Short, since the path of PostgreSQL's socket below it has at most 107 bytes.
    package let path: String
    private let watchdog: Watchdog

    package init() throws {
        path = "/tmp/hf-server-" + UUID().uuidString.prefix(13).lowercased()
        // PostgreSQL's own user has to reach its directory below, when a test runs as root.
        guard unsafe mkdir(path, 0o711) == 0 else { throw TestFailure("\(path): \(SystemError(errno))") }
        watchdog = try Watchdog(Self.watchdogScript, [path])
    }

    /// `HARBOR_DATA_DIR`.
    package var dataDirectory: String { path + "/data" }

    /// The text of a file in the home; empty when there is none.
    package func text(of name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path + "/" + name) ?? Data(), as: UTF8.self)
    }

    /// Starts a program in the home, to be killed with it.
    /// - Parameters:
    ///   - output: a file of the home that its output is appended to.
    ///   - errors: likewise for its errors.
    package func spawn(_ command: ChildProcess.Command, output: String, errors: String) throws -> ChildProcess
    {
        let child = try ChildProcess(command, output: "\(path)/\(output)", errors: "\(path)/\(errors)")
        try FileDescriptor(opening: path + "/pids", O_WRONLY | O_CREAT | O_APPEND).write(
            Array("\(child.id)\n".utf8))
        return child
    }

    /// A number is only killed while it is still a process that lives in the home: the kernel reuses numbers.
    private static let watchdogScript = """
        for id in $(cat "$1/pids" 2>/dev/null); do
            [ "$(readlink "/proc/$id/cwd")" = "$1" ] && kill -9 "$id"
        done
        postmaster=$(head -n 1 "$1/data/postgres/postmaster.pid" 2>/dev/null)
        if [ -n "$postmaster" ] && [ "$(readlink "/proc/$postmaster/cwd")" = "$1/data/postgres" ]; then
            kill -QUIT "$postmaster"
            while [ -d "/proc/$postmaster" ]; do sleep 0.1; done
        fi
        rm -rf "$1"
        """
}
