import EventLoops
import Foundation
import HarborFleetTesting
import Logging
import Processes
import Synchronization
import Testing

@testable import PrivatePostgres

/// These tests run Debian's real PostgreSQL. Each makes a cluster of its own.
@Suite(.timeLimit(.minutes(3))) struct PrivateClusterTests {
    /// A component under test and its events in order.
    private struct Running {
        let postgres: PrivateCluster
        let events: AsyncStream<PrivateCluster.Event>

        init(_ directory: String) {
            let (events, continuation) = AsyncStream.makeStream(of: PrivateCluster.Event.self)
            self.events = events
            postgres = PrivateCluster(
                dataDirectory: directory, logger: .silent
            ) { continuation.yield($0) }
        }

        /// Runs the component until `body` has returned, and waits for its end.
        func whileRunning(_ body: (inout AsyncStream<PrivateCluster.Event>.Iterator) async throws -> Void)
            async throws
        {
            let postgres = postgres
            let (ready, continuation) = AsyncStream.makeStream(of: Void.self)
            let task = Task {
                defer { continuation.finish() }
                try await whileALoopRuns { loop in try await postgres.run(on: loop) { continuation.yield() } }
            }
            for await _ in ready { break }
            var iterator = events.makeAsyncIterator()
            let result = await Result { try await body(&iterator) }
            task.cancel()
            try await task.value
            try result.get()
        }
    }

    private func psql(_ url: String, _ statement: String) throws -> String {
        let binaries = try PostgresBinaries.find(version: nil, searchPath: "/usr/bin")
        let result = try ShortCommand.run(
            .init(executable: binaries.directory + "/psql", arguments: ["-qAtX", url, "-c", statement]))
        #expect(result.exit == .code(0), "\(result.output)")
        return result.output.trimmingCharacters(in: .newlines)
    }

    /// This is a poll, because PostgreSQL tells only by the file of its postmaster that it is ready.
    private func waitUntilReady(_ layout: ClusterLayout) async throws -> Int32 {
        while true {
            if case .ready(let id) = PostmasterCondition.observe(layout) { return id }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test func newCluster_isDurableAndPrivate_andEndsWithItsOwner() async throws {
        let directory = try TemporaryDirectory()
        let running = Running(directory.path + "/data")
        let layout = running.postgres.layout
        // The rest of an interrupted start does no harm.
        try FileManager.default.createDirectory(
            atPath: layout.root + "/postgres.new-1/base", withIntermediateDirectories: true)
        try await running.whileRunning { _ in
            let settings = try psql(
                running.postgres.url,
                """
                SELECT string_agg(current_setting(name), ',' ORDER BY position) FROM unnest(ARRAY[
                'fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums', 'server_encoding',
                'lc_collate', 'listen_addresses', 'TimeZone']) WITH ORDINALITY AS t(name, position)
                """)
            #expect(settings == "on,on,on,on,UTF8,C,,UTC")
            let identity = try psql(running.postgres.url, "SELECT current_user, current_database()")
            #expect(identity == "harbor_fleet|harbor_fleet")
            _ = try psql(running.postgres.url, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
            let run = try FileManager.default.attributesOfItem(atPath: layout.socketDirectory)
            #expect(run[.posixPermissions] as? Int == 0o700)
            #expect(!FileManager.default.fileExists(atPath: layout.root + "/postgres.new-1"))
        }
        #expect(PostmasterCondition.observe(layout) == .absent)
        #expect(
            !FileManager.default.fileExists(atPath: layout.postmasterFile), "it was not shut down cleanly")
        try await Running(directory.path + "/data").whileRunning { _ in
            let kept = try psql(running.postgres.url, "SELECT n FROM kept")
            #expect(kept == "7")
        }
    }

    @Test func orphanedServer_isAdopted_andStoppedByItsNewOwner() async throws {
        let directory = try TemporaryDirectory()
        let first = PrivateCluster(
            dataDirectory: directory.path, logger: .silent)
        // This owner starts the server and then vanishes.
        try first.prepareRoot()
        let orphan = try await first.bringUp(first.prepare(), insisting: false)
        let second = Running(directory.path)
        try await second.whileRunning { events in
            #expect(await events.next() == .adopted(processID: orphan.id))
            let output = try psql(second.postgres.url, "SELECT 1")
            #expect(output == "1")
        }
        #expect(!orphan.isAlive)
    }

    @Test func adoptedServer_isStartedAgain_whenItIsKilled() async throws {
        let directory = try TemporaryDirectory()
        // The parent of the server is a shell that does not wait for it.
        let owner = PrivateCluster(
            dataDirectory: directory.path, logger: .silent)
        try owner.prepareRoot()
        let orphan = try await startOrphan(owner)
        let running = Running(directory.path)
        try await running.whileRunning { events in
            #expect(await events.next() == .adopted(processID: orphan))
            #expect(kill(orphan, SIGKILL) == 0)
            guard case .ended = await events.next() else { throw CancellationError() }
            let next = try await waitUntilReady(running.postgres.layout)
            #expect(next != orphan)
        }
    }

    /// Starts the server as the child of a shell that ends at once.
    private func startOrphan(_ postgres: PrivateCluster) async throws -> Int32 {
        let starter = try await postgres.prepare()
        let command = starter.command
        let script = "\"$@\" >/dev/null 2>&1 &"
        let result = try ShortCommand.run(
            .init(
                executable: "/bin/sh",
                arguments: ["-c", script, "sh", command.executable] + command.arguments,
                environment: command.environment, directory: command.directory))
        #expect(result.exit == .code(0))
        return try await waitUntilReady(postgres.layout)
    }

    @Test func killedServer_isStartedAgain_withEverythingCommitted() async throws {
        let directory = try TemporaryDirectory()
        let running = Running(directory.path)
        try await running.whileRunning { events in
            #expect(await events.next() == .making)
            guard case .started(let first) = await events.next() else { throw CancellationError() }
            _ = try psql(running.postgres.url, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
            #expect(kill(first, SIGKILL) == 0)
            guard case .ended = await events.next() else { throw CancellationError() }
            // The orphans of the killed server may hold the shared memory for some more tries.
            let next = try await waitUntilReady(running.postgres.layout)
            #expect(next != first)
            let kept = try psql(running.postgres.url, "SELECT n FROM kept")
            #expect(kept == "7")
        }
    }

    @Test func server_isTriedAgain_untilItCanStart() async throws {
        let directory = try TemporaryDirectory()
        let running = Running(directory.path)
        let log = running.postgres.layout.log
        try await running.whileRunning { events in
            #expect(await events.next() == .making)
            guard case .started(let first) = await events.next() else { throw CancellationError() }
            // A directory in place of the log keeps every process from starting.
            try FileManager.default.removeItem(atPath: log)
            try FileManager.default.createDirectory(atPath: log, withIntermediateDirectories: false)
            #expect(kill(first, SIGKILL) == 0)
            while true {
                guard case .ended(let reason, _) = await events.next() else { throw CancellationError() }
                if reason.contains("cannot be written") { break }
            }
            try FileManager.default.removeItem(atPath: log)
            let next = try await waitUntilReady(running.postgres.layout)
            #expect(next != first)
        }
    }

    @Test func secondServer_waitsUntilTheFirstHasEnded() async throws {
        let directory = try TemporaryDirectory()
        let first = Running(directory.path)
        let second = Running(directory.path)
        let waiting = Mutex<Task<Void, any Error>?>(nil)
        try await first.whileRunning { _ in
            let task = Task { try await whileALoopRuns { try await second.postgres.run(on: $0) {} } }
            waiting.withLock { $0 = task }
            var events = second.events.makeAsyncIterator()
            #expect(await events.next() == .waiting(for: .own))
        }
        var events = second.events.makeAsyncIterator()
        guard case .started = await events.next() else { throw CancellationError() }
        let task = waiting.withLock { $0 }
        task?.cancel()
        try await task?.value
    }

    @Test func command_usesTheRunningServer_orStartsOneForItself() async throws {
        let directory = try TemporaryDirectory()
        let running = Running(directory.path)
        let command = Running(directory.path).postgres
        let output = try await command.withServer(makingIt: true) { try psql($0, "SELECT 1") }
        #expect(output == "1")
        #expect(PostmasterCondition.observe(command.layout) == .absent, "stopped with the command")
        try await running.whileRunning { _ in
            let output = try await command.withServer(makingIt: false) { try psql($0, "SELECT 2") }
            #expect(output == "2")
            guard case .ready = PostmasterCondition.observe(command.layout) else {
                Issue.record("the command stopped the server's PostgreSQL")
                return
            }
        }
    }

    @Test func command_createsNothing_withoutInit() async throws {
        let directory = try TemporaryDirectory()
        let root = directory.path + "/data"
        let command = Running(root).postgres
        let missing = PrivatePostgresError.missing(directory: root)
        await #expect(throws: missing) { try await command.withServer(makingIt: false) { _ in } }
        #expect(!FileManager.default.fileExists(atPath: root))
        // An existing directory stays as it is.
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: false)
        await #expect(throws: missing) { try await command.withServer(makingIt: false) { _ in } }
        #expect(try FileManager.default.contentsOfDirectory(atPath: root) == [])
        #expect(missing.description.hasPrefix("there is no private PostgreSQL in \(root)."))
        #expect(missing.description.hasSuffix("run this command with --init"))

        let file = try directory.write("x", to: "file")
        await #expect(throws: PrivatePostgresError(.init(path: file, reason: "is not a directory"))) {
            try await Running(file).postgres.withServer(makingIt: false) { _ in }
        }

        let output = try await command.withServer(makingIt: true) { try psql($0, "SELECT 1") }
        #expect(output == "1")
        let again = try await command.withServer(makingIt: false) { try psql($0, "SELECT 2") }
        #expect(again == "2")
    }

    @Test func error_namesTheHolder_whenTheDirectoryIsInUse() {
        let holder = LockHolder(processID: 4_194_305, machine: "pod-1")
        #expect(
            PrivatePostgresError.inUse(directory: "/d", holder: holder).description == """
                another harbor-fleet, process 4194305 on 'pod-1', uses the private PostgreSQL in /d. Stop it, or set \
                HARBOR_DATA_DIR
                """)
    }

    @Test func concurrentCommands_doNotStopTheServerOfEachOther() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path
        try await withThrowingTaskGroup(of: String.self) { group in
            for number in 1...3 {
                group.addTask {
                    let command = Running(path).postgres
                    return try await command.withServer(makingIt: true) {
                        try self.psql($0, "SELECT \(number) FROM pg_sleep(0.2)")
                    }
                }
            }
            let outputs = try await group.reduce(into: Set()) { $0.insert($1) }
            #expect(outputs == ["1", "2", "3"])
        }
    }

    @Test func socketPath_isRefused_over107Bytes() async throws {
        let directory = "/tmp/" + String(repeating: "d", count: 85)
        let error = await #expect(throws: PrivatePostgresError.self) {
            try await whileALoopRuns { try await Running(directory).postgres.run(on: $0) {} }
        }
        #expect(error == .socketPathTooLong(path: directory + "/run/.s.PGSQL.5432", bytes: 108))
        #expect(error?.description.contains("HARBOR_DATA_DIR") == true)
        #expect(!FileManager.default.fileExists(atPath: directory))
    }

    @Test(.enabled(if: geteuid() == 0, "only root runs PostgreSQL as another user"))
    func directory_isRefused_whenPostgresMayNotEnterIt() async throws {
        let directory = try TemporaryDirectory()
        let closed = directory.path + "/closed"
        try FileManager.default.createDirectory(
            atPath: closed, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        let error = await #expect(throws: PrivatePostgresError.self) {
            try await whileALoopRuns { try await Running(closed + "/data").postgres.run(on: $0) {} }
        }
        #expect(error == .unreachable(directory: closed, user: "postgres"))
    }

    @Test func error_namesThePackage_whenPostgreSQLIsMissing() throws {
        let error = #expect(throws: PrivatePostgresError.self) {
            try PostgresBinaries.find(version: nil, root: "/nowhere", searchPath: "/nowhere")
        }
        #expect(error?.description.contains("package postgresql,") == true)
        #expect(PrivatePostgresError.missingServer(version: 14).description.contains("postgresql-14"))
    }
}

/// Runs `body` beside an event loop that ends afterwards.
private func whileALoopRuns(_ body: (EventLoop) async throws -> Void) async throws {
    let loop = try EventLoop(label: "test.loop")
    loop.start()
    let result = await Result { try await body(loop) }
    await loop.stop()
    try result.get()
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
