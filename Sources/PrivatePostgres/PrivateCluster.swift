package import EventLoops
internal import Glibc
package import Logging
package import Processes
internal import Synchronization

/// The PostgreSQL that the server makes and runs under its data directory when no `DATABASE_URL` is set.
///
///     let postgres = PrivateCluster(dataDirectory: "/srv/harbor/data", logger: logger)
///     try await postgres.run(on: loop) { context.ready() }    // until the Task is cancelled
///
/// One that a killed server left running is adopted, one that dies is started again. `postmaster.pid` is never
/// touched: it is what keeps two servers from writing to one cluster.
package final class PrivateCluster: Sendable {
    /// What happens to the PostgreSQL server, for the log and for tests.
    package enum Event: Sendable, Equatable {
        /// Another process holds the directory; it is waited for. nil where it is not known which.
        case waiting(for: LockHolder?)
        case making
        case started(processID: Int32)
        case adopted(processID: Int32)
        /// It ended without being asked to, or did not start; the next try follows after `delay`.
        case ended(reason: String, delay: Duration)
        case stopped
    }

    let layout: ClusterLayout
    let queue = BlockingQueue(label: "harbor-fleet.private-postgres")
    private let searchPath: String
    private let maxConnections: Int
    private let logger: Logger
    private let observer: @Sendable (Event) -> Void
    /// What to stop at the end; set as soon as the process is there, before it is ready.
    private let current = Mutex<Postmaster?>(nil)

    /// Names the directory; nothing is made yet.
    /// - Parameters:
    ///   - dataDirectory: `HARBOR_DATA_DIR`, absolute.
    ///   - maxConnections: how many sessions PostgreSQL takes: more than the pool, as commands connect too.
    ///   - searchPath: where, after Debian's directories, the programs are looked for.
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

    /// The libpq URI of its database, true whether it runs or not.
    package var url: String { layout.url }

    /// Makes the cluster when there is none, starts or adopts it, and keeps it running until the Task is cancelled;
    /// then it is stopped and waited for.
    /// - Parameters:
    ///   - loop: watches for its end.
    ///   - ready: called once, when it takes connections for the first time.
    /// - Throws: `PrivatePostgresError` when it cannot be made or never got ready; later failures are retried.
    package func run(on loop: EventLoop, ready: @Sendable () -> Void) async throws {
        try prepareRoot()
        let lock = try openLock(layout.ownerLock)
        do {
            // A server that stays is an error.
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
            report(.ended(reason: "it ended without being asked to", delay: delay))
            try await Task.sleep(for: delay)
        }
    }

    func report(_ event: Event) {
        switch event {
        case .waiting(let holder):
            var metadata: Logger.Metadata = ["path": "\(layout.root)"]
            metadata["holder_pid"] = holder.map { .stringConvertible($0.processID) }
            let name = holder.map { "\($0)" } ?? "another process"
            logger.notice("waiting for \(name) to leave the data directory", metadata: metadata)
        case .making: logger.notice("making the private PostgreSQL", metadata: ["path": "\(layout.cluster)"])
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

// Bringing it up and down, for the server and for single commands.
extension PrivateCluster {
    /// How often a start is tried again at first, when only the remains of an earlier server are in the way.
    private static let firstTries = 40

    /// Makes the data directory and checks what needs no process.
    func prepareRoot() throws(PrivatePostgresError) {
        try layout.checkSocketPath()
        do throws(FileFailure) {
            try DataDirectory.make(layout.root)
        } catch {
            throw PrivatePostgresError(error)
        }
    }

    /// Looks every 100 ms whether `isDone`: flock(2) announces a lock that came free only to a thread that blocks.
    /// - Parameter silentTries: how many looks pass before `onWait` is called, once, with the holder.
    /// - Throws: `.inUse` after `tries` looks.
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

    /// Makes the directories and the cluster; the owner's lock must be held.
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

    /// Returns once the server takes connections.
    /// - Parameter insisting: whether every failed start is tried again, or just one that the orphans of a killed
    ///   server stand in the way of (their shared memory is in use until the last of them has gone).
    func bringUp(_ starter: PostmasterStarter, insisting: Bool) async throws -> Postmaster {
        var tries = 0
        while true {
            switch PostmasterCondition.observe(layout) {
            case .ready(let id):
                return remember(Postmaster(id: id, child: nil), .adopted(processID: id))
            case .starting(let id):
                current.withLock { $0 = Postmaster(id: id, child: nil) }
                // A server that is another process's child tells of its state in a file alone.
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

    /// One try: the server when it got ready, else what it said before it ended.
    /// - Throws: why there is no process at all, unless `insisting`: then that is the reason.
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
            // With runuser the server is the child's child; else the two are one.
            if case .ready(let id) = PostmasterCondition.observe(layout) {
                return (Postmaster(id: id, child: child), "")
            }
            // Its file alone tells that it is ready.
            try await Task.sleep(for: .milliseconds(20))
        }
        current.withLock { $0 = nil }
        return (nil, ClusterMaker.lastLines(of: starter.logText(after: offset)))
    }

    /// Whether a failed start will succeed when the remains of an earlier server have gone.
    static func isPassing(_ reason: String) -> Bool {
        reason.contains("shared memory block") || reason.contains("lock file")
    }

    private func remember(_ postmaster: Postmaster, _ event: Event) -> Postmaster {
        current.withLock { $0 = postmaster }
        report(event)
        return postmaster
    }

    /// Stops what runs, even in a cancelled Task.
    func stop() async {
        guard let postmaster = current.withLock({ $0.take() }) else { return }
        try? await queue.runThrowing { postmaster.stop() }
        report(.stopped)
    }
}
