import Foundation
import Glibc

/// The server's process as the kernel sees it (proc(5)).
struct ProcessUse {
    let id: pid_t

    /// Processor time so far, of user and system together.
    var processorTime: Duration {
        let fields = text("stat").split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else {
            return .zero
        }
        return .milliseconds((user + system) * 1_000 / sysconf(CInt(_SC_CLK_TCK)))
    }

    /// How many times its threads have gone to sleep voluntarily.
    var sleeps: Int {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/task")) ?? []
        return tasks.reduce(0) { sum, task in
            let line = text("task/\(task)/status").split(separator: "\n").first {
                $0.hasPrefix("voluntary_ctxt_switches:")
            }
            return sum + (line?.split(separator: "\t").last.flatMap { Int($0) } ?? 0)
        }
    }

    /// How many descriptors it holds.
    var descriptors: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/fd").count) ?? 0
    }

    /// Sets its soft limit of descriptors and returns what it was; -1 when that is not allowed.
    func limitDescriptors(to limit: Int) -> Int {
        var old = rlimit()
        guard let call = Self.prlimit, call(id, CInt(RLIMIT_NOFILE.rawValue), nil, &old) == 0 else {
            return -1
        }
        var new = rlimit(rlim_cur: rlim_t(limit), rlim_max: old.rlim_max)
        guard call(id, CInt(RLIMIT_NOFILE.rawValue), &new, nil) == 0 else { return -1 }
        return Int(old.rlim_cur)
    }

    private typealias PRLimit =
        @convention(c) (pid_t, CInt, UnsafePointer<rlimit>?, UnsafeMutablePointer<rlimit>?) -> CInt

    /// prlimit(2), by its name: the headers hide it without `_GNU_SOURCE`.
    private static var prlimit: PRLimit? {
        dlsym(nil, "prlimit").map { unsafeBitCast($0, to: PRLimit.self) }
    }

    private func text(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: "/proc/\(id)/\(name)") ?? Data(), as: UTF8.self)
    }
}
