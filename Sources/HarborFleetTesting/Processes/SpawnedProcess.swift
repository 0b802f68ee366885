internal import Dispatch
package import Glibc
internal import Synchronization

/// A child process of a test (posix_spawn(3)), in a process group of its own, its output in files.
///
/// Not Foundation's Process: that waits until the daemons of its child have ended too.
package final class SpawnedProcess: Sendable {
    /// How a process ended.
    package enum Exit: Sendable, Equatable {
        case code(CInt)
        case signal(CInt)
    }

    /// Why it could not be started.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// What to start.
    package struct Command: Sendable {
        package var executable: String
        /// Without the program's name.
        package var arguments: [String]
        package var environment: [String: String]
        /// The working directory.
        package var directory: String
        /// Files that its output is appended to.
        package var outputFile: String
        package var errorFile: String

        package init(
            executable: String, arguments: [String], environment: [String: String], directory: String,
            outputFile: String, errorFile: String
        ) {
            self.executable = executable
            self.arguments = arguments
            self.environment = environment
            self.directory = directory
            self.outputFile = outputFile
            self.errorFile = errorFile
        }
    }

    package let id: pid_t
    /// Waits in waitpid(2), so that neither a test's task nor a thread of Swift's tasks does.
    private let queue = DispatchQueue(label: "test.spawned-process")
    /// Set when it is reaped; from then on the kernel may give its number to another process.
    private let ended = Mutex<Exit?>(nil)

    /// Starts a process.
    /// - Parameter standardInput: a descriptor; /dev/null when it is nil.
    package init(_ command: Command, standardInput: CInt? = nil) throws {
        // A shell changes the directory and then becomes the program, so that `id` is the program's.
        let words =
            ["/bin/sh", "-c", #"cd "$0" && exec "$@""#, command.directory, command.executable]
            + command.arguments
        let environment = command.environment.map { "\($0.key)=\($0.value)" }
        var id: pid_t = 0
        let result = unsafe Self.withActions(command, standardInput) { actions in
            unsafe Self.withAttributes { attributes in
                unsafe Self.withCStrings(words) { arguments in
                    unsafe Self.withCStrings(environment) { environment in
                        unsafe posix_spawn(&id, "/bin/sh", actions, attributes, arguments, environment)
                    }
                }
            }
        }
        guard result == 0 else { throw Failure(description: "\(command.executable): errno \(result)") }
        self.id = id
    }

    /// Whether it has not ended; the first call after the end reaps it.
    package var isRunning: Bool { reap(WNOHANG) == nil }

    /// Sends a signal, if it has not ended.
    package func send(_ signal: CInt) {
        ended.withLock { ended in
            if ended == nil { _ = kill(id, signal) }
        }
    }

    /// Returns when it has ended.
    package func waitForExit() async -> Exit {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: self.blockUntilExit()) }
        }
    }

    /// Blocks until it has ended. `waitid` leaves it unreaped, so that `send` never meets a reused number.
    private func blockUntilExit() -> Exit {
        var information = unsafe siginfo_t()
        while unsafe waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
        return reap(0) ?? .code(-1)
    }

    private func reap(_ options: CInt) -> Exit? {
        ended.withLock { ended in
            if ended != nil { return ended }
            var status: CInt = 0
            var result: pid_t
            repeat { result = unsafe waitpid(id, &status, options) } while result < 0 && errno == EINTR
            if result == id { ended = Self.exit(status) }
            if result < 0 { ended = .code(-1) }
            return ended
        }
    }

    /// From wait(2)'s status word.
    private static func exit(_ status: CInt) -> Exit {
        let signal = status & 0x7F
        return signal == 0 ? .code((status >> 8) & 0xFF) : .signal(signal)
    }
}

// The pointers below belong to the scopes that lend them; posix_spawn copies what it needs before it returns.
extension SpawnedProcess {
    private static func withActions<Result>(
        _ command: Command, _ standardInput: CInt?,
        _ body: (UnsafePointer<posix_spawn_file_actions_t>) -> Result
    ) -> Result {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        if let standardInput {
            unsafe posix_spawn_file_actions_adddup2(&actions, standardInput, 0)
        } else {
            unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        let flags = O_WRONLY | O_CREAT | O_APPEND
        unsafe posix_spawn_file_actions_addopen(&actions, 1, command.outputFile, flags, 0o600)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, command.errorFile, flags, 0o600)
        return unsafe body(&actions)
    }

    private static func withAttributes<Result>(
        _ body: (UnsafePointer<posix_spawnattr_t>) -> Result
    ) -> Result {
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

    private static func withCStrings<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = unsafe strings.map { unsafe strdup($0) } + [nil]
        defer { unsafe copies.forEach { unsafe free($0) } }
        return unsafe body(copies)
    }
}
