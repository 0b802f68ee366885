internal import Glibc

/// What a process calls itself in `application_name`, so that a later one can tell its backends from its own.
enum ProcessName {
    /// The pid and eight random digits: pids come again.
    static func make() -> String {
        "\(getpid())-" + String(UInt32.random(in: .min ... .max), radix: 16)
    }
}
