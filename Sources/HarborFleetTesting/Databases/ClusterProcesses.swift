internal import Foundation
internal import Processes

/// The processes of one PostgreSQL server: the postmaster and its children, even if the postmaster is gone.
///
/// They are found by their working directory, which PostgreSQL sets to its data directory. Each backend leads a
/// process group of its own, so a signal to the postmaster's group would reach none of them.
struct ClusterProcesses: Sendable {
    /// The data directory, without symbolic links.
    let dataDirectory: String

    /// The ids of the live processes, the postmaster first. A zombie has no working directory and does not
    /// count.
    var all: [pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let found = names.compactMap { pid_t($0) }.filter { id in
            let directory = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(id)/cwd")
            return directory == dataDirectory
        }
        guard let postmaster, found.contains(postmaster) else { return found }
        return [postmaster] + found.filter { $0 != postmaster }
    }

    /// The postmaster's id from `postmaster.pid`; the process itself may be gone.
    var postmaster: pid_t? {
        let file = FileManager.default.contents(atPath: dataDirectory + "/postmaster.pid") ?? Data()
        return String(decoding: file, as: UTF8.self).split(separator: "\n").first.flatMap { pid_t($0) }
    }

    /// Kills all processes, and blocks until none is alive.
    func killAll() throws {
        try until("they are alive after SIGKILL") {
            let left = all
            for id in left { kill(id, SIGKILL) }
            return left.isEmpty
        }
    }

    /// Blocks until all processes that were told to end are gone.
    func waitUntilGone() throws {
        try until("they do not end") { all.isEmpty }
    }

    /// Stops all processes (SIGSTOP), and blocks until none runs. The postmaster is stopped first, because it
    /// could start another process.
    func stopAll() throws {
        try until("they do not stop") {
            let running = all.filter { ProcessTable.state(of: $0) != "T" }
            let next = running.first == postmaster ? Array(running.prefix(1)) : running
            for id in next { kill(id, SIGSTOP) }
            return running.isEmpty
        }
    }

    /// Continues all processes (SIGCONT).
    func continueAll() {
        for id in all.reversed() { kill(id, SIGCONT) }
    }

    private func until(_ complaint: String, _ isDone: () -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while !isDone() {
            guard ContinuousClock.now < deadline else {
                throw TestFailure(complaint)
            }
            // Most are not our children, so no signal announces their end; this polls on the cluster's own
            // queue, which may block.
            usleep(2_000)
        }
    }
}
