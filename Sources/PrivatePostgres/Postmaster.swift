internal import EventLoops
internal import FoundationEssentials
internal import Glibc
internal import Processes

/// One run of the PostgreSQL server: a child of this process, or one that a killed server process left running.
struct Postmaster: Sendable {
    /// The process id of the PostgreSQL server itself; with `setpriv` it is that of the child.
    let id: pid_t
    /// nil when the server was adopted.
    let child: ChildProcess?

    /// Whether the server is still running.
    var isAlive: Bool {
        child.map { $0.exit == nil } ?? ProcessTable.isAlive(id)
    }

    /// Returns as soon as the server has ended. The kernel reports the end, and a child is reaped.
    /// - Throws: `CancellationError`.
    func waitForEnd(on loop: EventLoop) async throws {
        do {
            // With `runuser`, the child is its parent and ends together with it. A child's id stays its own until
            // it is reaped.
            let process = try ProcessDescriptor(of: child?.id ?? id)
            // The id of an adopted server may have been reused before it was opened here.
            if isAlive { try await loop.waitForEnd(of: process) }
            _ = child?.exit
        } catch  where !(error is CancellationError) {
            // The server has just ended, or a sandbox or a kernel before Linux 5.3 does not report its end.
            while isAlive { try await Task.sleep(for: .milliseconds(100)) }
        }
    }

    /// Stops the server (fast shutdown: sessions are cut, and all data is written to disk) and waits. A server that
    /// takes longer than `patience` gets the signal to end at once, which is safe too: it recovers at its next start.
    /// Blocks.
    func stop(patience: Duration = .seconds(20)) {
        send(SIGINT)
        guard !waitForEnd(atMost: patience) else { return }
        send(SIGQUIT)
        _ = waitForEnd(atMost: .seconds(5))
    }

    /// Sends the signal to the server itself, because `runuser` would not forward it. A child's id stays its own
    /// until it is reaped.
    private func send(_ signal: CInt) {
        if isAlive { kill(id, signal) }
    }

    private func waitForEnd(atMost patience: Duration) -> Bool {
        let end = ContinuousClock.now + patience
        while isAlive {
            if .now >= end { return false }
            // This runs on the blocking queue, where nothing except this stop waits.
            usleep(20_000)
        }
        return true
    }
}

/// Starts the server.
struct PostmasterStarter: Sendable {
    /// Above this size the log of the last run is renamed at the next start.
    private static let longestLogBytes = 16_777_216

    let layout: ClusterLayout
    let binaries: PostgresBinaries
    let account: PostgresAccount
    let maxConnections: Int

    /// Starts the server; it is not ready yet.
    func start() throws(PrivatePostgresError) -> ChildProcess {
        rotateLog()
        let log = try openLog()
        if account.switchTool != nil { _ = fchown(log.rawValue, account.userID, account.groupID) }
        do throws(ChildProcess.Failure) {
            return try ChildProcess(command, descriptors: [nil, log.rawValue, log.rawValue])
        } catch {
            throw .spawning(error)
        }
    }

    private func openLog() throws(PrivatePostgresError) -> FileDescriptor {
        do throws(SystemError) {
            return try FileDescriptor(opening: layout.log, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW)
        } catch {
            throw .directory(path: layout.log, reason: "cannot be written: \(error)")
        }
    }

    /// The settings are on the command line, which overrides the configuration files. So an edit of those files
    /// cannot lose durability by accident.
    var command: ChildProcess.Command {
        let directory = layout.socketDirectory.split(separator: "\"", omittingEmptySubsequences: false)
        let settings = [
            "listen_addresses=", "port=5432", "unix_socket_permissions=0700",
            "unix_socket_directories=\"\(directory.joined(separator: "\"\""))\"", "fsync=on",
            "synchronous_commit=on", "full_page_writes=on", "max_connections=\(maxConnections)",
            // Twice what a statement over all partitions of the longest retention needs, for example in a dump:
            // 25,000 locks in all, some 10 MB.
            "max_locks_per_transaction=512",
            "cluster_name=harbor_fleet", "log_destination=stderr", "logging_collector=off", "timezone=UTC",
            "log_timezone=UTC",
        ]
        let options = ["-D", layout.cluster] + settings.flatMap { ["-c", $0] }
        return account.command(binaries.postgres, options, in: layout.root)
    }

    /// What the server has printed after the first `offset` bytes of its log, which says why it did not start.
    func logText(after offset: Int) -> String {
        let log = try? FileDescriptor(opening: layout.log, O_RDONLY | O_NOFOLLOW)
        let text = try? log?.read(ShortCommand.outputBytes, at: offset)
        return String(decoding: text ?? [], as: UTF8.self)
    }

    /// The length of the log in bytes.
    var logBytes: Int {
        var status = stat()
        return unsafe stat(layout.log, &status) == 0 ? status.st_size : 0
    }

    private func rotateLog() {
        if logBytes > Self.longestLogBytes { unsafe rename(layout.log, layout.log + ".1") }
    }
}
