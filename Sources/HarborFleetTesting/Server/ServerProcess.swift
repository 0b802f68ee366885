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
    /// The value of its `DATABASE_URL`; nil for the private PostgreSQL.
    package let databaseURL: String?
    private let binary: String
    private let environment: [String: String]
    private let process = Mutex<ChildProcess?>(nil)
    /// The length of the log, in bytes, when the present life began.
    private let logLengthBefore = Mutex(0)

    /// Chooses ports, directory and database; does not start anything yet.
    /// - Parameter environment: further variables, such as `HARBOR_LOG_LEVEL`.
    package init(database: Database = .ofTests, environment: [String: String] = [:]) async throws {
        binary = try ServerBinary.path()
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

    deinit { process.withLock { $0 }?.send(SIGKILL) }

    /// Starts `harbor-fleet serve`, and returns when it is ready.
    package func start(
        _ arguments: [String] = [], within limit: Duration = .seconds(60)
    ) async throws {
        try launch(arguments)
        try await waitUntilReady(within: limit)
    }

    /// Starts `harbor-fleet serve` without waiting: its database may be away.
    package func launch(_ arguments: [String] = []) throws {
        let length = log.utf8.count
        logLengthBefore.withLock { $0 = length }
        let started = try spawn(["serve"] + arguments, output: "log", errors: "log")
        process.withLock { $0 = started }
    }

    /// Returns when `/ready` responds with 200.
    package func waitUntilReady(within limit: Duration = .seconds(60)) async throws {
        let deadline = ContinuousClock.now + limit
        while try await !isReady() {
            guard isRunning, ContinuousClock.now < deadline else {
                throw TestFailure("not ready within \(limit):\n\(log.suffix(4_000))")
            }
            // The only wait here without an event: another process must open its ports.
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Whether `/ready` responds with 200.
    package func isReady() async throws -> Bool {
        guard let client = try? RawClient(port: publicPort) else { return false }
        guard let _ = try? await client.send("GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            let response = try? await client.response()
        else { return false }
        return response.status == 200
    }

    /// The process of the present life; nil before the first.
    package var processID: pid_t? { process.withLock { $0?.id } }

    /// Whether the present life is still running.
    package var isRunning: Bool { process.withLock { $0 }?.isRunning ?? false }

    /// Sends a signal, `SIGTERM` or `SIGKILL`, if the process is alive.
    package func send(_ signal: CInt) { process.withLock { $0 }?.send(signal) }

    /// Returns when the present life has ended.
    package func waitForExit() async -> ChildProcess.Exit {
        await process.withLock { $0 }?.waitForExit() ?? .code(-1)
    }

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
        let length = logLengthBefore.withLock { $0 }
        return String(decoding: log.utf8.dropFirst(length), as: UTF8.self)
    }

    /// The resident set in bytes (proc(5), `statm`); 0 when the process is not alive.
    package var residentBytes: Int {
        guard let processID, let data = FileManager.default.contents(atPath: "/proc/\(processID)/statm")
        else { return 0 }
        let fields = String(decoding: data, as: UTF8.self).split(separator: " ")
        return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * Int(getpagesize())
    }

    /// Starts the program with any arguments.
    /// - Parameters:
    ///   - output: a file of the home to which its standard output is appended.
    ///   - errors: a file of the home to which its standard error is appended.
    package func spawn(_ arguments: [String], output: String, errors: String) throws -> ChildProcess {
        let command = ChildProcess.Command(
            executable: binary, arguments: arguments,
            environment: environment.map { "\($0.key)=\($0.value)" },
            directory: home.path)
        return try home.spawn(command, output: output, errors: errors)
    }
}
