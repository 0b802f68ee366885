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
        try waitForEnds("they are alive after SIGKILL") { id in kill(id, SIGKILL) }
    }

    /// Blocks until all processes are gone. They must have got a signal to end before.
    func waitUntilGone() throws {
        try waitForEnds("they do not end") { _ in }
    }

    /// Stops all processes (SIGSTOP), and blocks until none runs. The postmaster is stopped first, because it
    /// could start another process.
    func stopAll() throws {
        let deadline = ContinuousClock.now + Self.limit
        while true {
            let running = all.filter { ProcessTable.state(of: $0) != "T" }
            guard !running.isEmpty else { return }
            guard ContinuousClock.now < deadline else { throw TestFailure("they do not stop") }
            let next = running.first == postmaster ? Array(running.prefix(1)) : running
            for id in next { kill(id, SIGSTOP) }
            // The kernel announces a stop to the parent alone, and these are not our children; this polls on the
            // cluster's own queue, which may block.
            usleep(2_000)
        }
    }

    /// Continues all processes (SIGCONT).
    func continueAll() {
        for id in all.reversed() { kill(id, SIGCONT) }
    }

    /// Looks again after each end, because the postmaster may have started another process before its own end.
    /// - Parameter signal: called for every live process, at each look.
    private func waitForEnds(_ complaint: String, _ signal: (pid_t) -> Void) throws {
        let deadline = ContinuousClock.now + Self.limit
        while true {
            let living = all
            guard let first = living.first else { return }
            guard ContinuousClock.now < deadline else { throw TestFailure(complaint) }
            for id in living { signal(id) }
            // A process without a descriptor has ended since the look.
            if let descriptor = try? ProcessDescriptor(of: first) {
                _ = descriptor.fileDescriptor.waitUntilReadable(until: deadline)
            }
        }
    }

    private static let limit: Duration = .seconds(30)
}
