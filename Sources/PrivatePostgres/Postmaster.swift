internal import EventLoops
internal import FoundationEssentials
internal import Glibc
internal import Processes

/// One run of the PostgreSQL server: a child of ours, or one that a killed server of ours left running.
struct Postmaster: Sendable {
    /// The server's own process, which `setpriv` became.
    let id: pid_t
    /// Nil when it was adopted.
    let child: ChildProcess?

    /// Whether it still runs.
    var isAlive: Bool {
        child.map { $0.exit == nil } ?? ProcessTable.isAlive(id)
    }

    /// Returns as soon as it has ended; the kernel tells, and a child is reaped.
    /// - Throws: `CancellationError`.
    func waitForEnd(on loop: EventLoop) async throws {
        do {
            // A child that `runuser` stands before ends with it. What has not been reaped keeps its number.
            let process = try ProcessDescriptor(of: child?.id ?? id)
            // An adopted one's number may have been given away before it was opened.
            if isAlive { try await loop.waitForEnd(of: process) }
            _ = child?.exit
        } catch  where !(error is CancellationError) {
            // It has just ended, or a sandbox or a kernel before Linux 5.3 does not tell.
            while isAlive { try await Task.sleep(for: .milliseconds(100)) }
        }
    }

    /// Ends it (fast shutdown: sessions are cut, everything is on the disk) and waits. One that takes longer than
    /// `patience` is told to end at once, which is safe too: it recovers at its next start. Blocks.
    func stop(patience: Duration = .seconds(20)) {
        send(SIGINT)
        guard !waitForEnd(atMost: patience) else { return }
        send(SIGQUIT)
        _ = waitForEnd(atMost: .seconds(5))
    }

    /// Past a `runuser`, which would not pass it on. A child's number stays its own until it is reaped.
    private func send(_ signal: CInt) {
        if isAlive { kill(id, signal) }
    }

    private func waitForEnd(atMost patience: Duration) -> Bool {
        let end = ContinuousClock.now + patience
        while isAlive {
            if .now >= end { return false }
            // On the blocking queue, where nothing but this stop waits.
            usleep(20_000)
        }
        return true
    }
}

/// Starts the server.
struct PostmasterStarter: Sendable {
    /// Over this the last run's log is put aside.
    private static let longestLogBytes = 16_777_216

    let layout: ClusterLayout
    let binaries: PostgresBinaries
    let account: PostgresAccount
    let maxConnections: Int

    /// Starts it; it is not ready yet.
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

    /// On the command line, which overrides the files: whoever edits those cannot lose durability by accident.
    var command: ChildProcess.Command {
        let directory = layout.socketDirectory.split(separator: "\"", omittingEmptySubsequences: false)
        let settings = [
            "listen_addresses=", "port=5432", "unix_socket_permissions=0700",
            "unix_socket_directories=\"\(directory.joined(separator: "\"\""))\"", "fsync=on",
            "synchronous_commit=on", "full_page_writes=on", "max_connections=\(maxConnections)",
            // Twice what a statement over all partitions of the longest retention takes, a dump's for example: 25,000
            // locks in all, some 10 MB.
            "max_locks_per_transaction=512",
            "cluster_name=harbor_fleet", "log_destination=stderr", "logging_collector=off", "timezone=UTC",
            "log_timezone=UTC",
        ]
        let options = ["-D", layout.cluster] + settings.flatMap { ["-c", $0] }
        return account.command(binaries.postgres, options, in: layout.root)
    }

    /// What it has printed after `offset` bytes of its log: why it did not start.
    func logText(after offset: Int) -> String {
        let log = try? FileDescriptor(opening: layout.log, O_RDONLY | O_NOFOLLOW)
        let text = try? log?.read(ShortCommand.outputBytes, at: offset)
        return String(decoding: text ?? [], as: UTF8.self)
    }

    /// The length of the log.
    var logBytes: Int {
        var status = stat()
        return unsafe stat(layout.log, &status) == 0 ? status.st_size : 0
    }

    private func rotateLog() {
        if logBytes > Self.longestLogBytes { unsafe rename(layout.log, layout.log + ".1") }
    }
}
