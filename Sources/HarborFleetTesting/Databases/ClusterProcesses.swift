internal import Foundation
internal import Processes

/// The processes of one PostgreSQL server: the postmaster and its children, also those whose postmaster is gone.
///
/// They are found by their working directory, which PostgreSQL makes its data directory. Each backend leads a process
/// group of its own, so that a signal to the postmaster's group would reach none of them.
struct ClusterProcesses: Sendable {
    /// Without symbolic links.
    let dataDirectory: String

    /// The ids of those that live, the postmaster first. A zombie has no working directory and does not count.
    var all: [pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let found = names.compactMap { pid_t($0) }.filter { id in
            let directory = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(id)/cwd")
            return directory == dataDirectory
        }
        guard let postmaster, found.contains(postmaster) else { return found }
        return [postmaster] + found.filter { $0 != postmaster }
    }

    /// From `postmaster.pid`; the process itself may be gone.
    var postmaster: pid_t? {
        let file = FileManager.default.contents(atPath: dataDirectory + "/postmaster.pid") ?? Data()
        return String(decoding: file, as: UTF8.self).split(separator: "\n").first.flatMap { pid_t($0) }
    }

    /// Kills all, and blocks until none lives.
    func killAll() throws {
        try until("they do not die of SIGKILL") {
            let left = all
            for id in left { kill(id, SIGKILL) }
            return left.isEmpty
        }
    }

    /// Blocks until none lives of those that were told to end.
    func waitUntilGone() throws {
        try until("they do not end") { all.isEmpty }
    }

    /// Stops all (SIGSTOP), and blocks until none runs. The postmaster first and alone: it could start another one.
    func stopAll() throws {
        try until("they do not stop") {
            let running = all.filter { ProcessTable.state(of: $0) != "T" }
            let next = running.first == postmaster ? Array(running.prefix(1)) : running
            for id in next { kill(id, SIGSTOP) }
            return running.isEmpty
        }
    }

    /// Lets all go on (SIGCONT).
    func continueAll() {
        for id in all.reversed() { kill(id, SIGCONT) }
    }

    private func until(_ complaint: String, _ isDone: () -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while !isDone() {
            guard ContinuousClock.now < deadline else {
                throw TestFailure(complaint)
            }
            // Most are no children of ours, so nothing tells of them; on the cluster's own queue, which may block.
            usleep(2_000)
        }
    }
}
