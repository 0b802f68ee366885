internal import Glibc

/// Creates and checks the directory for the server's data on this machine.
package enum DataDirectory {
    /// Creates the directory and its parents. If root creates it, other users may enter it but not list it, because
    /// PostgreSQL's user must pass through it; its content has permissions of its own. Otherwise only its owner may
    /// enter it.
    package static func make(_ path: String) throws(FileFailure) {
        for parent in pathAndParents(of: path).dropFirst().dropLast() { try makeOne(parent, mode: 0o777) }
        try makeOne(path, mode: geteuid() == 0 ? 0o711 : 0o700)
    }

    /// A path and its parents: for `/a/b`, these are `/`, `/a` and `/a/b`.
    package static func pathAndParents(of path: String) -> [String] {
        path.split(separator: "/").reduce(into: ["/"]) { paths, part in
            paths.append((paths.count > 1 ? paths[paths.count - 1] : "") + "/" + part)
        }
    }

    /// Checks the path without creating anything. A directory that does not exist yet is accepted.
    package static func check(_ path: String) throws(FileFailure) {
        for part in pathAndParents(of: path) {
            var status = stat()
            guard unsafe stat(part, &status) == 0 else { return }
            guard isDirectory(status) else { throw notADirectory(part) }
        }
    }

    private static func isDirectory(_ status: stat) -> Bool { status.st_mode & S_IFMT == S_IFDIR }

    private static func notADirectory(_ path: String) -> FileFailure {
        FileFailure(path: path, reason: "is not a directory")
    }

    private static func makeOne(_ path: String, mode: mode_t) throws(FileFailure) {
        guard unsafe mkdir(path, mode) != 0 else { return }
        let number = errno
        var status = stat()
        if unsafe stat(path, &status) == 0 {
            guard isDirectory(status) else { throw notADirectory(path) }
        } else if number == EEXIST {
            throw FileFailure(path: path, reason: "is a symbolic link whose target does not exist")
        } else {
            throw FileFailure(path: path, reason: "cannot be created: \(SystemError(number))")
        }
    }
}
