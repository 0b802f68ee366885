internal import Foundation
package import Glibc
package import Processes
internal import Synchronization

/// The real program, `harbor-fleet serve`, as a child process with a data directory and a database of its own.
///
///     let server = try await ServerProcess()
///     try await server.start()                              // until it is ready
///     try await server.addFleet("harbor-north")
///     let secret = try await server.addPartner("courier", fleets: ["harbor-north"])
///     server.send(SIGKILL)
///     _ = await server.waitForExit()
///     try await server.start()                              // same ports, data and database
///
/// Nothing outlives it: the process is killed and the directory deleted when this object is released, or the
/// test dies.
package final class ServerProcess: Sendable {
    /// The server's database.
    package enum Database: Sendable {
        /// A database made for it in `TestPostgres`.
        case ofTests
        /// The private PostgreSQL, which the program itself makes under its data directory.
        case privatePostgres
        case url(String)
    }

    package let publicPort: UInt16
    package let operationsPort: UInt16
    package let home: ProcessHome
    /// The path of `harbor-fleet`.
    package let program: String
    /// The value of its `DATABASE_URL`; nil for the private PostgreSQL.
    package let databaseURL: String?
    private let environment: [String: String]
    private let life = Mutex<Life?>(nil)

    /// One run of the program, from its start to its end.
    struct Life: Sendable {
        let process: ChildProcess
        let log: ProcessLog
        /// The length of the log file, in bytes, when the life began.
        let logOffset: Int
    }

    /// Chooses ports, directory and database; does not start anything yet.
    /// - Parameter environment: further variables, such as `HARBOR_LOG_LEVEL`.
    package init(database: Database = .ofTests, environment: [String: String] = [:]) async throws {
        program = try ServerBinary.path()
        home = try ProcessHome()
        publicPort = try FreePort.find()
        operationsPort = try FreePort.find()
        databaseURL =
            switch database {
            case .ofTests: try await TestPostgres.shared.makeDatabase().url
            case .privatePostgres: nil
            case .url(let url): url
            }
        // This process's variables without those that configure a server, so that a developer's shell does not
        // change a test.
        var variables = ProcessInfo.processInfo.environment.filter { name, _ in
            !name.hasPrefix("HARBOR_") && !name.hasPrefix("DATABASE_") && !name.hasPrefix("PG")
        }
        variables["HARBOR_DATA_DIR"] = home.dataDirectory
        variables["HARBOR_HTTP_HOST"] = "127.0.0.1"
        variables["HARBOR_HTTP_PORT"] = "\(publicPort)"
        variables["HARBOR_OPS_PORT"] = "\(operationsPort)"
        variables["DATABASE_URL"] = databaseURL
        self.environment = variables.merging(environment) { _, given in given }
    }

    deinit { present?.process.send(SIGKILL) }

    /// Starts `harbor-fleet serve`, and returns when it is ready.
    package func start(
        _ arguments: [String] = [], within limit: Duration = .seconds(60)
    ) async throws {
        try launch(arguments)
        try await waitUntilReady(within: limit)
    }

    /// Starts `harbor-fleet serve` without waiting: its database may be unavailable.
    package func launch(_ arguments: [String] = []) throws {
        let offset = log.utf8.count
        let process = try spawn(["serve"] + arguments, output: "log", errors: "log")
        let lines = try ProcessLog(of: process.id, at: home.path + "/log", from: offset)
        life.withLock { $0 = Life(process: process, log: lines, logOffset: offset) }
    }

    /// The present life, which may be over; nil before the first.
    var present: Life? { life.withLock { $0 } }

    /// The process of the present life; nil before the first.
    package var processID: pid_t? { present?.process.id }

    /// Whether the present life is still running.
    package var isRunning: Bool { present?.process.isRunning ?? false }

    /// Sends a signal, `SIGTERM` or `SIGKILL`, if the process is alive.
    package func send(_ signal: CInt) { present?.process.send(signal) }

    /// Sends a signal, and returns when the present life has ended.
    @discardableResult
    package func stop(_ signal: CInt) async -> ChildProcess.Exit {
        send(signal)
        return await waitForExit()
    }

    /// The output of all its lives, of both streams.
    package var log: String { home.text(of: "log") }

    /// The output of its present life.
    package var presentLog: String {
        String(decoding: log.utf8.dropFirst(present?.logOffset ?? 0), as: UTF8.self)
    }

    /// The resident set in bytes (proc(5), `statm`); 0 when the process is not alive.
    package var residentBytes: Int {
        guard let processID, let data = FileManager.default.contents(atPath: "/proc/\(processID)/statm")
        else { return 0 }
        let fields = String(decoding: data, as: UTF8.self).split(separator: " ")
        return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * Int(getpagesize())
    }

    /// Starts the program, or another one, in the home and with the server's environment.
    /// - Parameters:
    ///   - executable: the path of another program; nil for `harbor-fleet`.
    ///   - output: a file of the home to which its standard output is appended.
    ///   - errors: a file of the home to which its standard error is appended.
    package func spawn(
        _ arguments: [String], executable: String? = nil, output: String, errors: String
    ) throws -> ChildProcess {
        let command = ChildProcess.Command(
            executable: executable ?? program, arguments: arguments,
            environment: environment.map { "\($0.key)=\($0.value)" },
            directory: home.path)
        return try home.spawn(command, output: output, errors: errors)
    }
}
