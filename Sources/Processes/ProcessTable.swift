internal import FoundationEssentials
internal import Glibc

/// Looks up any process of this machine (proc(5)).
package enum ProcessTable {
    /// Whether a process with this id runs. A process that only waits to be reaped (a zombie) does not count, because
    /// in a container its new parent may never reap it.
    package static func isAlive(_ id: Int32) -> Bool {
        (kill(id, 0) == 0 || errno == EPERM) && state(of: id) != "Z"
    }

    /// The letter of a process's state, such as `R`, `T` or `Z`; nil when it cannot be read.
    package static func state(of id: Int32) -> Character? {
        // The file has `4711 (postgres) S …`. The name may contain any character, so the state is after the last `)`.
        let status = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)
        return status.flatMap { $0[($0.lastIndex(of: ")") ?? $0.startIndex)...].dropFirst(2).first }
    }
}
