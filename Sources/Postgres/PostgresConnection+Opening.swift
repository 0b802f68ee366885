internal import CLibPQ
internal import EventLoops

/// Connecting (PostgreSQL manual, 34.1: PQconnectStartParams, PQconnectPoll). Loop only.
///
/// The time-out is for everything together: the look-up, every address, TLS, the log-in, the check.
extension PostgresConnection {
    /// Connects, then calls `completion` with nil or why it failed.
    /// - Parameter isChecked: also runs a statement. Behind a PgBouncer a connection alone says nothing of the database.
    func establish(isChecked: Bool = false, _ completion: @escaping (PostgresError?) -> Void) {
        if let failure { return completion(failure) }
        let timer = loop.schedule(after: configuration.connectTimeout) { [weak self] in
            self?.lose(PostgresError(.timeout, "connecting took too long"))
        }
        let opening = ConnectionOpening(isChecked: isChecked, timer: timer, completion: completion)
        self.opening = opening
        begin(opening)
    }

    /// Starts to connect on a thread that may block: the look-up of a name would stop everything on the loop.
    private func begin(_ opening: ConnectionOpening) {
        let notices = NoticeSink(logger: logger)
        let work = {
            @Sendable [self, configuration, isGivenUp = opening.isGivenUp, known = opening.targets] in
            // While look-ups hang, those behind are given up faster than they are done: they must not pile up.
            guard !isGivenUp.isSet else { return }
            let start = ConnectionStart(configuration, known: known, notices: notices)
            loop.execute { [self] in started(start) }
        }
        guard BlockingLanes.connects.run(work) else {
            return lose(PostgresError(.connection, "too many connects hang"))
        }
    }

    private func started(_ start: ConnectionStart) {
        guard failure == nil, let opening else { return }
        if let error = start.failure { return lose(error) }
        guard let link = start.link, !link.handle.isBad else { return loseConnecting(start.link) }
        self.link = link
        opening.targets = start.targets
        opening.lastTarget = nil
        watchShare(opening)
        wait(for: .write)
    }

    private func watchShare(_ opening: ConnectionOpening) {
        guard let count = opening.targets?.count, count > 1 else { return }
        opening.share?.cancel()
        opening.share = loop.schedule(after: configuration.connectTimeout / count) { [weak self] in
            self?.shareIsOver()
        }
    }

    private func shareIsOver() {
        guard let opening, let link, failure == nil else { return }
        let target = link.handle.target
        guard opening.lastTarget == nil || opening.lastTarget == target, opening.putLast(target) else {
            opening.lastTarget = target
            return watchShare(opening)
        }
        watch?.cancel()
        watch = nil
        self.link = nil
        begin(opening)
    }

    /// The socket is looked up after every poll: libpq may have closed it and gone on to the host's next address.
    private func wait(for interest: Interest) {
        guard let link else { return }
        do {
            watch = try loop.watch(link.handle.socket, for: interest) { [weak self] _ in self?.poll() }
        } catch {
            lose(PostgresError(.connection, "the connection cannot be watched", detail: "\(error)"))
        }
    }

    private func poll() {
        guard let link else { return }
        // Before the poll, which may close the socket: the number may be another descriptor's a moment later.
        watch?.cancel()
        watch = nil
        switch link.handle.poll() {
        case PGRES_POLLING_READING: wait(for: .read)
        case PGRES_POLLING_WRITING: wait(for: .write)
        case PGRES_POLLING_OK: connected(link)
        default: loseConnecting(link)
        }
    }

    private func loseConnecting(_ link: ConnectionLink?) {
        let detail = link?.handle.errorMessage ?? "out of memory"
        var error = PostgresError(.connection, "the connection could not be made", detail: detail)
        error.refusal = ConnectRefusal(message: detail)
        lose(error)
    }

    private func connected(_ link: ConnectionLink) {
        opening?.share?.cancel()
        guard link.handle.setNonblocking() else { return loseConnecting(link) }
        do {
            watch = try loop.watch(link.handle.socket, for: .read) { [weak self] in self?.ready($0) }
        } catch {
            return lose(PostgresError(.connection, "the connection cannot be watched", detail: "\(error)"))
        }
        if opening?.isChecked == true { check() } else { opened(nil) }
    }

    private func check() {
        let unit = WorkUnit(.script("SELECT 1"), timeout: configuration.connectTimeout)
        unit.onFinish { [weak self] outcome in
            switch outcome {
            case .success: self?.opened(nil)
            case .failure(let error): self?.opened(error)
            }
        }
        submit(unit)
    }

    private func opened(_ error: PostgresError?) {
        if let error { return lose(error) }
        let opening = opening
        self.opening = nil
        opening?.finish(nil)
    }
}

/// What came of starting a connection, on its way to the loop.
private struct ConnectionStart: Sendable {
    private(set) var link: ConnectionLink?
    private(set) var targets: [ConnectTarget]?
    private(set) var failure: PostgresError?

    /// Looks the names up, unless their addresses are known, and starts to connect. May block.
    init(_ configuration: PostgresConfiguration, known: [ConnectTarget]?, notices: NoticeSink) {
        let options = ConnectOptions(url: configuration.url)
        switch known.map({ .found($0) }) ?? ConnectTargets.answer(for: options, configuration.lookup) {
        case .asGiven: targets = nil
        case .found(let found): targets = found
        case .notFound(let detail):
            var error = PostgresError(.connection, "the database's host is not found", detail: detail)
            error.refusal = .hostNotFound
            failure = error
            return
        }
        link = ConnectionLink(
            starting: configuration, options: options, targets: targets, notices: notices)
    }
}
