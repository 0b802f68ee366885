internal import Foundation

/// PostgreSQL's programs, and how tests run them.
enum PostgresTools {
    /// Why something did not run; holds the end of what it wrote.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Where `initdb` is: Debian's directory of the newest version, else the PATH.
    static func binaries() throws -> String {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let newest = versions.compactMap { Int($0) }.sorted().reversed().map { "\(root)/\($0)/bin" }
        let path = ProcessInfo.processInfo.environment["PATH", default: ""].split(separator: ":").map(
            String.init)
        for candidate in newest + path
        where FileManager.default.isExecutableFile(atPath: candidate + "/initdb") {
            return candidate
        }
        throw Failure(description: "no initdb: install Debian's package postgresql")
    }

    /// Runs a script to its end; blocks.
    /// - Parameters:
    ///   - script: for sh(1), without `asOwner`, which stands before it.
    ///   - arguments: its `$1`, `$2`, …
    static func run(_ script: String, _ arguments: [String]) throws {
        let log = "/tmp/hf-pg-\(UUID().uuidString.prefix(13).lowercased()).log"
        defer { _ = unsafe unlink(log) }
        let child = try spawn(asOwner + "\n" + script, arguments, output: log)
        var status: CInt = 0
        while unsafe waitpid(child, &status, 0) < 0 && errno == EINTR {}
        guard status == 0 else {
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            throw Failure(description: "PostgreSQL's tools failed: \(text.suffix(4_000))")
        }
    }

    /// Starts a script that outlives this process: it reads standard input until the end of file that the end of this
    /// process is, and then cleans up. No signal meant for this process reaches it.
    /// - Returns: the writing end of its standard input, to be kept open and never written to.
    static func watchdog(_ script: String, _ arguments: [String]) throws -> CInt {
        var ends: [CInt] = [-1, -1]
        // A pair of sockets, which can be close-on-exec from the start: children must not hold our end open.
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, type, 0, &ends) == 0 else {
            throw Failure(description: "no socket pair: errno \(errno)")
        }
        defer { close(ends[0]) }
        let command = SpawnedProcess.Command(
            executable: "/bin/sh", arguments: ["-c", asOwner + "\n" + script, "sh"] + arguments,
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"], directory: "/", outputFile: "/dev/null",
            errorFile: "/dev/null")
        do { _ = try SpawnedProcess(command, standardInput: ends[0]) } catch {
            close(ends[1])
            throw error
        }
        return ends[1]
    }

    /// Starts a shell. Not by Foundation's Process: that waits until the daemons of its child have ended too.
    private static func spawn(_ script: String, _ arguments: [String], output: String) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // Copies of the arguments, freed below; posix_spawn does not keep them.
        let words = ["sh", "-c", script, "sh"] + arguments
        var pointers = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { unsafe pointers.forEach { unsafe free($0) } }
        var child: pid_t = 0
        guard unsafe posix_spawn(&child, "/bin/sh", &actions, nil, &pointers, environ) == 0 else {
            throw Failure(description: "no shell")
        }
        return child
    }

    /// `as_owner` runs a command as a user that PostgreSQL accepts: not root.
    private static let asOwner = """
        as_owner() {
            if [ "$(id -u)" != 0 ]; then "$@"
            elif command -v setpriv >/dev/null; then
                setpriv --reuid=postgres --regid=postgres --init-groups "$@"
            else runuser -u postgres -- "$@"; fi
        }
        """

    /// The same, of the server at port `$4`: a hot standby of it.
    static let copy = """
        set -e
        cd /
        rm -rf "$1"
        mkdir -m 700 "$1"
        if [ "$(id -u)" = 0 ]; then chown postgres:postgres "$1"; chmod 711 "$1"; fi
        as_owner "$2/pg_basebackup" -h 127.0.0.1 -p "$4" -U postgres -D "$1/data" -R -X stream -c fast --no-sync \\
            >"$1.init" 2>&1 || { cat "$1.init"; exit 1; }
        rm -f "$1.init"
        """

    /// `$1` a directory to make, `$2` PostgreSQL's programs: a new cluster in `$1/data`, superuser `postgres`, no
    /// passwords.
    static let initialise = """
        set -e
        cd /
        rm -rf "$1"
        mkdir -m 700 "$1"
        if [ "$(id -u)" = 0 ]; then chown postgres:postgres "$1"; chmod 711 "$1"; fi
        as_owner "$2/initdb" -D "$1/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$1.init" 2>&1 \\
            || { cat "$1.init"; exit 1; }
        rm -f "$1.init"
        """
}
