internal import FoundationEssentials
internal import Glibc

/// The processes of this machine, ours or not (proc(5)).
package enum ProcessTable {
    /// Whether a process of that number runs. One that only waits to be reaped does not: in a container its foster parent
    /// may never do that.
    package static func isAlive(_ id: Int32) -> Bool {
        guard kill(id, 0) == 0 || errno == EPERM else { return false }
        // `4711 (postgres) S …`; the name may hold anything, so the state stands after the last bracket.
        let status = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)
        guard let status, let bracket = status.lastIndex(of: ")") else { return true }
        return status[bracket...].dropFirst(2).first != "Z"
    }
}
