internal import Foundation
internal import Glibc

/// A directory of one test's own for the server's data and logs, and the guard that no process outlives the test.
///
/// A watchdog reads a socket whose other end lives in this process alone. When the home is let go, or this process
/// dies, it kills what was started here and the private PostgreSQL, then deletes the directory.
package final class ServerHome: Sendable {
    /// Short, since the path of PostgreSQL's socket below it has at most 107 bytes.
    package let path: String
    /// Its end of file wakes the watchdog; never written to.
    private let lifeline: CInt

    package init() throws {
        path = "/tmp/hf-server-" + UUID().uuidString.prefix(13).lowercased()
        // PostgreSQL's own user has to reach its directory below, when a test runs as root.
        guard unsafe mkdir(path, 0o711) == 0 else {
            throw SpawnedProcess.Failure(description: "\(path): errno \(errno)")
        }
        var ends: [CInt] = [-1, -1]
        // A pair of sockets, which can be close-on-exec from the start: children must not hold our end open.
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, type, 0, &ends) == 0 else {
            throw SpawnedProcess.Failure(description: "no socket pair: errno \(errno)")
        }
        lifeline = ends[1]
        defer { close(ends[0]) }
        let watchdog = SpawnedProcess.Command(
            executable: "/bin/sh", arguments: ["-c", Self.watchdogScript, "sh", path],
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"], directory: "/", outputFile: "/dev/null",
            errorFile: "/dev/null")
        _ = try SpawnedProcess(watchdog, standardInput: ends[0])
    }

    deinit { close(lifeline) }

    /// `HARBOR_DATA_DIR`.
    package var dataDirectory: String { path + "/data" }

    /// The text of a file in the home; empty when there is none.
    package func text(of name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path + "/" + name) ?? Data(), as: UTF8.self)
    }

    func append(_ line: String, to name: String) {
        let file = unsafe fopen(path + "/" + name, "a")
        guard let file = unsafe file else { return }
        unsafe fputs(line + "\n", file)
        unsafe fclose(file)
    }

    /// A number is only killed while it is still a process that lives in the home: the kernel reuses numbers.
    private static let watchdogScript = """
        trap '' HUP INT TERM
        cat >/dev/null
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
