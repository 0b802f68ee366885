internal import Foundation
internal import Glibc
package import Processes

/// A test's own directory for a program's data and logs. It also guarantees that no process outlives the test:
/// when the home is released, or this process dies, every process that was started in it is killed, including
/// the private PostgreSQL, and the directory is deleted.
package final class ProcessHome: Sendable {
    /// Short, because the path of PostgreSQL's socket below it has at most 107 bytes.
    package let path: String
    private let watchdog: Watchdog

    package init() throws {
        path = "/tmp/hf-server-" + UUID().uuidString.prefix(13).lowercased()
        // PostgreSQL's own user must reach its directory below, when a test runs as root.
        guard unsafe mkdir(path, 0o711) == 0 else { throw TestFailure("\(path): \(SystemError(errno))") }
        watchdog = try Watchdog(Self.watchdogScript, [path])
    }

    /// `HARBOR_DATA_DIR`.
    package var dataDirectory: String { path + "/data" }

    /// The text of a file in the home; empty when there is none.
    package func text(of name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path + "/" + name) ?? Data(), as: UTF8.self)
    }

    /// Starts a program in the home, which is killed with it.
    /// - Parameters:
    ///   - output: a file of the home to which its output is appended.
    ///   - errors: a file of the home to which its errors are appended.
    package func spawn(_ command: ChildProcess.Command, output: String, errors: String) throws -> ChildProcess
    {
        let child = try ChildProcess(command, output: "\(path)/\(output)", errors: "\(path)/\(errors)")
        try FileDescriptor(opening: path + "/pids", O_WRONLY | O_CREAT | O_APPEND).write(
            Array("\(child.id)\n".utf8))
        return child
    }

    /// A process id is only killed while it belongs to a process in the home, because the kernel reuses ids.
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
