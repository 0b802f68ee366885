package import EventLoops
internal import Glibc
package import Logging
package import Processes
internal import Synchronization

/// The PostgreSQL that the server creates and runs in its data directory when no `DATABASE_URL` is set.
///
///     let postgres = PrivateCluster(dataDirectory: "/srv/harbor/data", logger: logger)
///     try await postgres.run(on: loop) { context.ready() }    // until the Task is cancelled
///
/// A PostgreSQL that a killed server left running is adopted, and one that dies is started again. `postmaster.pid`
/// is never touched, because it prevents two servers from writing to one cluster.
package final class PrivateCluster: Sendable {
    /// An event in the life of the PostgreSQL server, for the log and for tests.
    package enum Event: Sendable, Equatable {
        /// Another process uses the directory, and this one waits for it. nil when it is not known which process.
        case waiting(for: LockHolder?)
        case making
        case started(processID: Int32)
        case adopted(processID: Int32)
        /// It ended unexpectedly, or did not start. The next attempt follows after `delay`.
        case ended(reason: String, delay: Duration)
        case stopped
    }

    let layout: ClusterLayout
    let queue = BlockingQueue(label: "harbor-fleet.private-postgres")
    private let searchPath: String
    private let maxConnections: Int
    private let logger: Logger
    private let observer: @Sendable (Event) -> Void
    /// The process to stop at the end. Set as soon as the process exists, before it is ready.
    private let current = Mutex<Postmaster?>(nil)

    /// Describes the cluster; nothing is created yet.
    /// - Parameters:
    ///   - dataDirectory: `HARBOR_DATA_DIR`, absolute.
    ///   - maxConnections: the number of sessions that PostgreSQL accepts. Must be more than the pools use, because
    ///     commands connect too.
    ///   - searchPath: where the programs are searched after Debian's directories.
    package init(
        dataDirectory: String, maxConnections: Int = 100, searchPath: String = "/usr/local/bin:/usr/bin:/bin",
        logger: Logger, observer: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        layout = ClusterLayout(root: dataDirectory)
        self.maxConnections = maxConnections
        self.searchPath = searchPath
        self.logger = logger
        self.observer = observer
    }

    /// The libpq URI of the database, valid whether the server runs or not.
    package var url: String { layout.url }

    /// Creates the cluster if there is none, starts or adopts the server, and keeps it running until the task is
    /// cancelled. Then it stops the server and waits for its end.
    /// - Parameters:
    ///   - loop: watches for the end of the server.
    ///   - ready: called once, when the server first accepts connections.
    /// - Throws: `PrivatePostgresError` when the cluster cannot be created or the server never became ready; later
    ///   failures are retried.
    package func run(on loop: EventLoop, ready: @Sendable () -> Void) async throws {
        try prepareRoot()
        let lock = try openLock(layout.ownerLock)
        do {
            // If another process keeps the lock for the whole wait, that is an error.
            try await waitFor(lock, atMost: 300, silently: 0, { report(.waiting(for: $0)) }) {
                $0.tryExclusive()
            }
            let starter = try await prepare()
            try await keep(starter, loop, ready)
        } catch is CancellationError {
            await stop()
        } catch {
            await stop()
            throw error
        }
    }

    private func keep(
        _ starter: PostmasterStarter, _ loop: EventLoop, _ ready: @Sendable () -> Void
    ) async throws {
        var backoff = RestartBackoff()
        var wasReady = false
        while true {
            let postmaster = try await bringUp(starter, insisting: wasReady)
            let start = ContinuousClock.now
            if !wasReady { ready() }
            wasReady = true
            try await postmaster.waitForEnd(on: loop)
            current.withLock { $0 = nil }
            let delay = backoff.ended(uptime: ContinuousClock.now - start)
            report(.ended(reason: "it ended unexpectedly", delay: delay))
            try await Task.sleep(for: delay)
        }
    }

    func report(_ event: Event) {
        switch event {
        case .waiting(let holder):
            var metadata: Logger.Metadata = ["path": "\(layout.root)"]
            metadata["holder_pid"] = holder.map { .stringConvertible($0.processID) }
            let name = holder.map { "\($0)" } ?? "another process"
            logger.notice("waiting for \(name) to release the data directory", metadata: metadata)
        case .making:
            logger.notice("creating the private PostgreSQL", metadata: ["path": "\(layout.cluster)"])
        case .started(let id):
            logger.info("private PostgreSQL started", metadata: ["pid": .stringConvertible(id)])
        case .adopted(let id):
            logger.notice("private PostgreSQL adopted", metadata: ["pid": .stringConvertible(id)])
        case .ended(let reason, let delay):
            logger.error(
                "private PostgreSQL is down",
                metadata: [
                    "reason": "\(reason)",
                    "next_start_in_ms": .stringConvertible(Int64(delay / .milliseconds(1))),
                ])
        case .stopped: logger.info("private PostgreSQL stopped")
        }
        observer(event)
    }
}

// Starting and stopping, for the server and for single commands.
extension PrivateCluster {
    /// How often the first start is tried again when only the remains of an earlier server are in the way.
    private static let firstTries = 40

    /// Creates the data directory, and makes the checks that need no process.
    func prepareRoot() throws(PrivatePostgresError) {
        try layout.checkSocketPath()
        do throws(FileFailure) {
            try DataDirectory.make(layout.root)
        } catch {
            throw PrivatePostgresError(error)
        }
    }

    /// Checks every 100 ms whether `isDone`: flock(2) reports a released lock only to a thread that blocks.
    /// - Parameter silentTries: the number of checks before `onWait` is called, once, with the holder.
    /// - Throws: `.inUse` after `tries` checks.
    func waitFor(
        _ lock: borrowing FileLock, atMost tries: Int, silently silentTries: Int,
        _ onWait: (LockHolder?) -> Void, until isDone: (borrowing FileLock) -> Bool
    ) async throws {
        for number in 0..<tries {
            if isDone(lock) { return }
            if number == silentTries { onWait(lock.holder()) }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw PrivatePostgresError.inUse(directory: layout.root, holder: lock.holder())
    }

    /// Opens a lock in the data directory.
    func openLock(_ path: String) throws(PrivatePostgresError) -> FileLock {
        do throws(FileFailure) {
            return try FileLock(path: path)
        } catch {
            throw .directory(path: error.path, reason: error.reason)
        }
    }

    /// Creates the directories and the cluster. The owner's lock must be held.
    func prepare() async throws -> PostmasterStarter {
        let (layout, searchPath, maxConnections) = (layout, searchPath, maxConnections)
        if !layout.isMade { report(.making) }
        return try await queue.runThrowing {
            let version = try ClusterMaker.version(of: layout)
            let binaries = try PostgresBinaries.find(version: version, searchPath: searchPath)
            let account = try PostgresAccount.choose(owner: layout.owner, of: layout, searchPath: searchPath)
            try account.checkReach(of: layout.root)
            try account.ownDirectory(layout.socketDirectory)
            try ClusterMaker(layout: layout, binaries: binaries, account: account).makeIfMissing()
            return PostmasterStarter(
                layout: layout, binaries: binaries, account: account, maxConnections: maxConnections)
        }
    }

    /// Starts or adopts the server, and returns once it accepts connections.
    /// - Parameter insisting: whether every failed start is tried again. If false, only a start that failed because
    ///   of the remaining processes of a killed server is repeated: their shared memory is in use until the last of
    ///   them has ended.
    func bringUp(_ starter: PostmasterStarter, insisting: Bool) async throws -> Postmaster {
        var tries = 0
        while true {
            switch PostmasterCondition.observe(layout) {
            case .ready(let id):
                return remember(Postmaster(id: id, child: nil), .adopted(processID: id))
            case .starting(let id):
                current.withLock { $0 = Postmaster(id: id, child: nil) }
                // The state of a server that is no child of this process is known only from its file, so the file
                // is polled.
                try await Task.sleep(for: .milliseconds(50))
            case .stopping:
                try await Task.sleep(for: .milliseconds(50))
            case .absent:
                let (postmaster, reason) = try await start(starter, insisting)
                if let postmaster { return remember(postmaster, .started(processID: postmaster.id)) }
                tries += 1
                guard insisting || (Self.isPassing(reason) && tries < Self.firstTries) else {
                    throw PrivatePostgresError.starting(output: reason)
                }
                let delay = RestartBackoff.backoff.delay(afterFailures: tries)
                report(.ended(reason: reason, delay: delay))
                try await Task.sleep(for: delay)
            }
        }
    }

    /// Makes one attempt. Returns the server when it became ready, otherwise what it printed before it ended.
    /// - Throws: the reason when no process could be started, unless `insisting`: then the reason is returned.
    private func start(
        _ starter: PostmasterStarter, _ insisting: Bool
    ) async throws -> (Postmaster?, reason: String) {
        let offset = starter.logBytes
        let child: ChildProcess
        do {
            child = try await queue.runThrowing { try starter.start() }
        } catch  where insisting {
            return (nil, "\(error)")
        }
        current.withLock { $0 = Postmaster(id: child.id, child: child) }
        while child.exit == nil {
            // With runuser the server is the child's child; otherwise it is the child itself.
            if case .ready(let id) = PostmasterCondition.observe(layout) {
                return (Postmaster(id: id, child: child), "")
            }
            // Only its file says when the server is ready, so the file is polled.
            try await Task.sleep(for: .milliseconds(20))
        }
        current.withLock { $0 = nil }
        return (nil, ClusterMaker.lastLines(of: starter.logText(after: offset)))
    }

    /// Whether a failed start will succeed once the remains of an earlier server are gone.
    static func isPassing(_ reason: String) -> Bool {
        reason.contains("shared memory block") || reason.contains("lock file")
    }

    private func remember(_ postmaster: Postmaster, _ event: Event) -> Postmaster {
        current.withLock { $0 = postmaster }
        report(event)
        return postmaster
    }

    /// Stops the running server, even in a cancelled task.
    func stop() async {
        guard let postmaster = current.withLock({ $0.take() }) else { return }
        try? await queue.runThrowing { postmaster.stop() }
        report(.stopped)
    }
}
