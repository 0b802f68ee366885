internal import CLinux
internal import Glibc
internal import Synchronization

/// A child process. It is in a process group of its own, so that Ctrl-C at the terminal does not reach it. It gets the
/// given descriptors and no others, and the default signal mask and actions.
///
/// It uses posix_spawn(3) and not swift-subprocess. A guardian must pass listening sockets to its child and wait for
/// it with a `ProcessDescriptor`, and it has no async runtime and at most 8 MiB of memory. posix_spawn cannot change
/// the user; for that, the command must start a program such as setpriv(1).
///
///     let child = try ChildProcess(
///         .init(executable: "/bin/cat", arguments: ["notes"]), descriptors: [nil, output, output])
///     child.send(SIGTERM)
///     let exit = child.wait()
package final class ChildProcess: Sendable {
    /// The program to start, with its arguments, environment and directory.
    package struct Command: Sendable, Equatable {
        package var executable: String
        /// The arguments, without the program's name.
        package var arguments: [String]
        /// The environment variables, each as `NAME=value`.
        package var environment: [String]
        /// The working directory. The child's user must be allowed to enter it.
        package var directory: String

        package init(
            executable: String, arguments: [String],
            environment: [String] = ["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C", "LC_ALL=C", "TZ=UTC"],
            directory: String = "/"
        ) {
            self.executable = executable
            self.arguments = arguments
            self.environment = environment
            self.directory = directory
        }
    }

    /// The error when a program cannot be started or used.
    package struct Failure: Error, Equatable, CustomStringConvertible {
        let executable: String
        let reason: String

        package init(executable: String, reason: String) {
            self.executable = executable
            self.reason = reason
        }

        package var description: String { "\(executable) could not be started: \(reason)" }
    }

    /// How a process ended.
    package enum Exit: Sendable, Equatable {
        case code(CInt)
        case signal(CInt)

        /// Decodes the status of wait(2).
        init(status: CInt) {
            let signal = status & 0x7F
            self = signal == 0 ? .code((status >> 8) & 0xFF) : .signal(signal)
        }
    }

    package let id: Int32
    /// Set when the process is reaped. From then on the kernel may give its number to another process.
    private let ended = Mutex<Exit?>(nil)

    /// Starts a process.
    /// - Parameter descriptors: the child's descriptors 0, 1, 2 (input, output, errors) and further ones, such as
    ///   listening sockets; nil means /dev/null. They stay open in this process.
    package init(_ command: Command, descriptors: [CInt?]) throws(Failure) {
        var id: pid_t = 0
        let result = unsafe Self.withActions(descriptors, command.directory) { actions in
            unsafe Self.withAttributes { attributes in
                unsafe CStrings.with([command.executable] + command.arguments) { arguments in
                    unsafe CStrings.with(command.environment) { environment in
                        unsafe posix_spawn(
                            &id, command.executable, actions, attributes, arguments, environment)
                    }
                }
            }
        }
        guard result == 0 else {
            throw Failure(
                executable: command.executable, reason: "\(SystemError(result)) (in \(command.directory))")
        }
        self.id = id
    }

    /// How the process ended; nil while it runs. The first call after its end reaps it.
    package var exit: Exit? { reaped(WNOHANG) }

    /// Sends a signal, unless the process has been reaped.
    package func send(_ signal: CInt) {
        ended.withLock { ended in
            if ended == nil { _ = kill(id, signal) }
        }
    }

    /// Blocks until the process has ended, and reaps it.
    package func wait() -> Exit {
        if let exit { return exit }
        // Wait outside the lock, without reaping the process. So `send` is not blocked, and never signals a number
        // that the kernel has given to another process.
        var information = unsafe siginfo_t()
        while unsafe waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
        return reaped(0) ?? .code(-1)
    }

    private func reaped(_ options: CInt) -> Exit? {
        ended.withLock { ended in
            if ended == nil { ended = Self.reap(id, options) }
            return ended
        }
    }

    private static func reap(_ id: pid_t, _ options: CInt) -> Exit? {
        var status: CInt = 0
        var result: pid_t
        repeat { result = unsafe waitpid(id, &status, options) } while result < 0 && errno == EINTR
        if result == id { return Exit(status: status) }
        // Other code has reaped it: the process is gone, and how it ended is unknown.
        return result < 0 ? .code(-1) : nil
    }
}

// Each pointer below is valid only inside the closure that receives it. posix_spawn copies what it needs
// before it returns.
extension ChildProcess {
    private static func withActions<Result>(
        _ descriptors: [CInt?], _ directory: String,
        _ body: (UnsafePointer<posix_spawn_file_actions_t>) -> Result
    ) -> Result {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        // Copy all descriptors to numbers beyond theirs first, so that none is overwritten before it is copied.
        let count = CInt(descriptors.count)
        let free = max(descriptors.compactMap(\.self).max() ?? 0, count) + 1
        for (source, target) in zip(descriptors, free...) {
            if let source {
                unsafe posix_spawn_file_actions_adddup2(&actions, source, target)
            } else {
                unsafe posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_RDWR, 0)
            }
        }
        for target in 0..<count {
            unsafe posix_spawn_file_actions_adddup2(&actions, free + target, target)
        }
        // Close all other descriptors, including those that a library has not marked close-on-exec.
        unsafe posix_spawn_file_actions_addclosefrom_np(&actions, count)
        unsafe posix_spawn_file_actions_addchdir_np(&actions, directory)
        return unsafe body(&actions)
    }

    private static func withAttributes<Result>(_ body: (UnsafePointer<posix_spawnattr_t>) -> Result) -> Result
    {
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        unsafe sigemptyset(&none)
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
        return unsafe body(&attributes)
    }
}
