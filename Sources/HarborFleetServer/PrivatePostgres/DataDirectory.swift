internal import FoundationEssentials
internal import Glibc

/// The directory that holds what the server keeps on this machine.
enum DataDirectory {
    /// Makes it with its parents. Only root's may be passed through by others, as PostgreSQL's own user must; what
    /// is in it guards itself.
    static func make(_ path: String) throws(PrivatePostgresError) {
        let parent = path.split(separator: "/").dropLast().joined(separator: "/")
        do {
            try FileManager.default.createDirectory(atPath: "/" + parent, withIntermediateDirectories: true)
        } catch {
            throw .directory(path: "/" + parent, reason: "cannot be made: \(SystemError.text(errno))")
        }
        guard unsafe mkdir(path, geteuid() == 0 ? 0o711 : 0o700) == 0 || errno == EEXIST else {
            throw .directory(path: path, reason: "cannot be made: \(SystemError.text(errno))")
        }
    }
}
