internal import Foundation
internal import Processes

/// PostgreSQL's programs, and the way in which tests run them.
enum PostgresTools {
    /// The directory of `initdb`: Debian's directory of the newest version, else one in the PATH.
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
        throw TestFailure("no initdb: install Debian's package postgresql")
    }

    /// Runs a script to its end. Blocks.
    /// - Parameters:
    ///   - script: for sh(1), without `asOwner`, which is placed in front of it.
    ///   - arguments: its `$1`, `$2`, …
    static func run(_ script: String, _ arguments: [String]) throws {
        let result = try ShortCommand.run(.shell("\(asOwner)\ncd /\n\(script)", arguments))
        guard result.exit == .code(0) else {
            throw TestFailure("PostgreSQL's tools failed: \(result.output.suffix(4_000))")
        }
    }

    /// Starts a script that runs when the result is released, or when this process ends.
    static func watchdog(_ script: String, _ arguments: [String]) throws -> Watchdog {
        try Watchdog("\(asOwner)\n\(script)", arguments)
    }

    /// `as_owner` runs a command as a user that PostgreSQL accepts, which root is not.
    private static let asOwner = """
        as_owner() {
            if [ "$(id -u)" != 0 ]; then "$@"
            elif command -v setpriv >/dev/null; then
                setpriv --reuid=postgres --regid=postgres --init-groups "$@"
            else runuser -u postgres -- "$@"; fi
        }
        """

    /// `$1` is a directory to make; the data is in `$1/data`.
    private static let makeDirectory = """
        set -e
        rm -rf "$1"
        mkdir -m 700 "$1"
        if [ "$(id -u)" = 0 ]; then chown postgres:postgres "$1"; chmod 711 "$1"; fi
        """

    /// `$2` is the directory of PostgreSQL's programs. Makes a new cluster with the superuser `postgres` and no
    /// passwords.
    static let initialise = """
        \(makeDirectory)
        as_owner "$2/initdb" -D "$1/data" -U postgres -A trust -E UTF8 --locale=C --no-sync
        """

    /// The same, but makes a hot standby of the server at port `$4`.
    static let copy = """
        \(makeDirectory)
        as_owner "$2/pg_basebackup" -h 127.0.0.1 -p "$4" -U postgres -D "$1/data" -R -X stream -c fast --no-sync
        """

    /// Starts the server of `$1` with the options `$3`.
    static let start = """
        as_owner "$2/pg_ctl" -D "$1/data" -s -w -t 60 -l "$1/data/log" -o "$3" start >/dev/null 2>&1 \\
            || { tail -n 20 "$1/data/log"; exit 1; }
        """
}
