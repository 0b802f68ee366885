internal import FoundationEssentials
internal import Glibc

/// The processes of this machine, ours or not (proc(5)).
package enum ProcessTable {
    /// Whether a process of that number runs. One that only waits to be reaped does not: in a container its foster parent
    /// may never do that.
    package static func isAlive(_ id: Int32) -> Bool {
        (kill(id, 0) == 0 || errno == EPERM) && state(of: id) != "Z"
    }

    /// The letter of its state, such as `R`, `T` or `Z`; nil when the kernel does not say.
    package static func state(of id: Int32) -> Character? {
        // `4711 (postgres) S …`; the name may hold anything, so the state stands after the last bracket.
        let status = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)
        return status.flatMap { $0[($0.lastIndex(of: ")") ?? $0.startIndex)...].dropFirst(2).first }
    }
}
