internal import FoundationEssentials
internal import Glibc
internal import Processes

/// Creates the cluster: initdb, role and database in a temporary directory, then one rename. A process that is
/// killed in between leaves a directory that the next start removes.
struct ClusterMaker: Sendable {
    let layout: ClusterLayout
    let binaries: PostgresBinaries
    let account: PostgresAccount

    /// Creates the cluster if there is none. Blocks for some seconds.
    func makeIfMissing() throws(PrivatePostgresError) {
        guard !layout.isMade else { return }
        removeUnfinished()
        let directory = "\(layout.root)/\(layout.unfinishedPrefix)\(getpid())"
        try account.ownDirectory(directory)
        try initialize(directory)
        try makeDatabase(in: directory)
        guard unsafe rename(directory, layout.cluster) == 0 else {
            throw .directory(path: layout.cluster, reason: "cannot be created: \(SystemError(errno))")
        }
        OwnedFile.synchronizeDirectory(layout.root)
    }

    /// The major version of the cluster; nil when there is none yet.
    static func version(of layout: ClusterLayout) throws(PrivatePostgresError) -> Int? {
        let path = layout.cluster + "/PG_VERSION"
        guard unsafe access(path, F_OK) == 0 else {
            guard errno == ENOENT else { throw .directory(path: path, reason: "\(SystemError(errno))") }
            return nil
        }
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        guard let version = Int(text.prefix { $0.isNumber }) else {
            throw .directory(path: path, reason: "cannot be read, or holds no version")
        }
        return version
    }

    private func removeUnfinished() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: layout.root)) ?? []
        for name in names where name.hasPrefix(layout.unfinishedPrefix) {
            // A directory that cannot be removed only costs disk space.
            try? FileManager.default.removeItem(atPath: "\(layout.root)/\(name)")
        }
    }

    private func initialize(_ directory: String) throws(PrivatePostgresError) {
        // Trust is safe: only the owner (and root) can enter the socket's directory, and there is no TCP port.
        let options = [
            "--pgdata=\(directory)", "--locale=C", "--encoding=UTF8", "--data-checksums",
            "--username=postgres",
            "--auth-local=trust", "--auth-host=reject", "--no-instructions",
        ]
        let result = try account.run(binaries.initdb, options, in: layout.root)
        guard result.exit == .code(0) else { throw .initializing(output: Self.lastLines(of: result.output)) }
    }

    /// Single-user mode needs no socket. The role is no superuser; as the owner of the database it may create its
    /// tables.
    private func makeDatabase(in directory: String) throws(PrivatePostgresError) {
        let statements = """
            CREATE ROLE \(ClusterLayout.name) LOGIN
            CREATE DATABASE \(ClusterLayout.name) OWNER \(ClusterLayout.name)

            """
        let options = ["--single", "-D", directory, "-c", "exit_on_error=on", "postgres"]
        let result = try account.run(binaries.postgres, options, in: layout.root, input: statements)
        guard result.exit == .code(0) else { throw .initializing(output: Self.lastLines(of: result.output)) }
    }

    /// The last lines of a program's output, which usually hold the reason of a failure.
    static func lastLines(of output: String) -> String {
        output.split(separator: "\n").suffix(5).joined(separator: "; ")
    }
}
