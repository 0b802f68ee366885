internal import Glibc
internal import Processes

/// The user that PostgreSQL runs as: the user of this process, or, because PostgreSQL refuses root, `postgres` or
/// the cluster's owner. Never `nobody`: the socket trusts every process of the same user, and many daemons share
/// that user.
struct PostgresAccount: Sendable, Equatable {
    let userID: uid_t
    let groupID: gid_t
    let name: String
    /// `setpriv` or `runuser`; nil when no change of the user is needed.
    let switchTool: String?

    private static let dedicated = "postgres"
    private static let shared = "nobody"
    /// The kernel's id for users that a namespace does not map (user_namespaces(7)); also the id of Debian's
    /// `nobody`.
    private static let overflowID: uid_t = 65_534

    /// - Parameters:
    ///   - owner: the current owner of the cluster; nil when there is none yet.
    ///   - dedicated: the user that packages of PostgreSQL create.
    /// - Throws: `.missingTool`; `.sharedUser` when only `nobody` is left, or owns the cluster already;
    ///   `.foreignCluster` when the cluster belongs to another user and this process cannot act for that user.
    static func choose(
        owner: uid_t?, of layout: ClusterLayout, searchPath: String, user: uid_t = geteuid(),
        dedicated: String = PostgresAccount.dedicated
    ) throws(PrivatePostgresError) -> PostgresAccount {
        if let owner, isShared(owner) { throw .sharedUser(cluster: layout.cluster) }
        guard user == 0 else {
            guard !isShared(user) else { throw .sharedUser(cluster: nil) }
            return try ourselves(user, owner: owner, of: layout)
        }
        guard let tool = switchTool(searchPath) else { throw .missingTool("setpriv (package util-linux)") }
        if let owner { return try its(owner, of: layout, tool) }
        guard let entry = unsafe getpwnam(dedicated) else { throw .sharedUser(cluster: nil) }
        let (user, group) = unsafe (entry.pointee.pw_uid, entry.pointee.pw_gid)
        return PostgresAccount(userID: user, groupID: group, name: dedicated, switchTool: tool)
    }

    private static func isShared(_ user: uid_t) -> Bool {
        if user == overflowID { return true }
        guard let entry = unsafe getpwuid(user) else { return false }
        return unsafe String(cString: entry.pointee.pw_name) == shared
    }

    private static func ourselves(
        _ user: uid_t, owner: uid_t?, of layout: ClusterLayout
    ) throws(PrivatePostgresError) -> PostgresAccount {
        if let owner, owner != user {
            throw .foreignCluster(path: layout.cluster, owner: owner, user: user)
        }
        return PostgresAccount(userID: user, groupID: getegid(), name: "\(user)", switchTool: nil)
    }

    /// A cluster that was created without root keeps its owner.
    private static func its(
        _ owner: uid_t, of layout: ClusterLayout, _ tool: String
    ) throws(PrivatePostgresError) -> PostgresAccount {
        guard owner != 0 else { throw .foreignCluster(path: layout.cluster, owner: 0, user: 0) }
        guard let entry = unsafe getpwuid(owner) else {
            return PostgresAccount(userID: owner, groupID: owner, name: "\(owner)", switchTool: tool)
        }
        let (name, group) = unsafe (String(cString: entry.pointee.pw_name), entry.pointee.pw_gid)
        return PostgresAccount(userID: owner, groupID: group, name: name, switchTool: tool)
    }

    private static func switchTool(_ searchPath: String) -> String? {
        let directories =
            searchPath.split(separator: ":").map(String.init) + ["/usr/bin", "/usr/sbin", "/sbin"]
        let candidates = ["setpriv", "runuser"].flatMap { tool in directories.map { "\($0)/\(tool)" } }
        return candidates.first { unsafe access($0, X_OK) == 0 }
    }

    /// The command that runs a program as this user, in a directory that the user may enter.
    func command(_ executable: String, _ arguments: [String], in directory: String = "/")
        -> ChildProcess.Command
    {
        guard let switchTool else {
            return .init(executable: executable, arguments: arguments, directory: directory)
        }
        let giveUp =
            switchTool.hasSuffix("/setpriv")
            ? ["--reuid=\(userID)", "--regid=\(groupID)", "--clear-groups", "--no-new-privs"] : ["-u", name]
        return .init(
            executable: switchTool, arguments: giveUp + ["--", executable] + arguments, directory: directory)
    }

    /// Runs a program as this user and waits for its end, see `ShortCommand`.
    func run(
        _ executable: String, _ arguments: [String], in directory: String = "/", input: String = ""
    ) throws(PrivatePostgresError) -> (exit: ChildProcess.Exit, output: String) {
        do throws(ChildProcess.Failure) {
            return try ShortCommand.run(command(executable, arguments, in: directory), input: input)
        } catch {
            throw .spawning(error)
        }
    }

    /// Creates a directory that only this user may use, or corrects the owner and mode of an existing one.
    func ownDirectory(_ path: String) throws(PrivatePostgresError) {
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw .directory(path: path, reason: "cannot be created: \(SystemError(errno))")
        }
        // Never follows a symbolic link, which would change the owner of another directory.
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw .directory(path: path, reason: "exists but is not a directory")
        }
        guard unsafe switchTool == nil || lchown(path, userID, groupID) == 0, unsafe chmod(path, 0o700) == 0
        else {
            throw .directory(
                path: path, reason: "its owner cannot be changed to '\(name)': \(SystemError(errno))")
        }
    }

    /// Asks the kernel, as this user, whether each directory down to `path` may be entered. The mode bits alone
    /// would miss access control lists.
    /// - Throws: `.unreachable` with the first directory that may not be entered.
    func checkReach(of path: String) throws(PrivatePostgresError) {
        guard switchTool != nil else { return }
        let script = #"for d; do test -x "$d" || { printf %s "$d"; exit 1; }; done"#
        let result = try run("/bin/sh", ["-c", script, "sh"] + DataDirectory.pathAndParents(of: path))
        switch result.exit {
        case .code(0): return
        case .code(1): throw .unreachable(directory: result.output, user: name)
        case .code, .signal: throw .spawning(.init(executable: "/bin/sh", reason: result.output))
        }
    }
}
