internal import CLibPQ
internal import EventLoops

/// Connecting (PostgreSQL manual, 34.1: PQconnectStartParams, PQconnectPoll). Loop only.
///
/// The time-out covers everything together: the look-up, every address, TLS, the login and the check.
extension PostgresConnection {
    /// Connects, then calls `completion` with nil, or with the error when it failed.
    func establish(check: ConnectCheck = .reports, _ completion: @escaping (PostgresError?) -> Void) {
        if let failure { return completion(failure) }
        let timer = loop.schedule(after: configuration.connectTimeout) { [weak self] in
            self?.lose(PostgresError(.timeout, "connecting took too long"))
        }
        let opening = ConnectionOpening(check: check, timer: timer, completion: completion)
        self.opening = opening
        begin(opening)
    }

    /// Starts to connect on a thread that may block, because resolving a name would stop all other work on the
    /// loop.
    private func begin(_ opening: ConnectionOpening) {
        let notices = NoticeSink(logger: logger)
        let work = {
            @Sendable [self, configuration, isGivenUp = opening.isGivenUp, known = opening.targets] in
            // While look-ups hang, the connects queued behind them time out first. They must not start a look-up
            // then, or the look-ups would pile up.
            guard !isGivenUp.isSet else { return }
            let start = ConnectionStart(configuration, known: known, notices: notices)
            loop.execute { [self] in started(start) }
        }
        guard BlockingLanes.connects.run(work) else {
            return lose(PostgresError(.connection, "too many connection attempts are stuck"))
        }
    }

    private func started(_ start: ConnectionStart) {
        guard failure == nil, let opening else { return }
        if let error = start.failure { return lose(error) }
        guard let link = start.link, !link.isBad else { return loseConnecting(start.link) }
        self.link = link
        opening.targets = start.targets
        opening.options = start.options
        opening.lastTarget = nil
        watchShare(opening)
        wait(for: .write)
    }

    private func watchShare(_ opening: ConnectionOpening) {
        guard let count = opening.targets?.count, count > 1 || opening.hasFallback else { return }
        opening.share?.cancel()
        let share = configuration.connectTimeout / (count + (opening.hasFallback ? 1 : 0))
        opening.share = loop.schedule(after: share) { [weak self] in
            self?.shareIsOver()
        }
    }

    private func shareIsOver() {
        guard let opening, let link, failure == nil else { return }
        let target = link.target
        guard opening.lastTarget == nil || opening.lastTarget == target else {
            opening.lastTarget = target
            return watchShare(opening)
        }
        guard opening.putLast(target) else {
            if opening.hasFallback { lose(PostgresError(.timeout, "connecting took too long")) }
            return
        }
        leave(nil)
        begin(opening)
    }

    /// Abandons a link from which nothing more is expected.
    private func leave(_ next: ConnectionHandle?) {
        watch?.cancel()
        watch = nil
        for unit in units.values { unit.timer?.cancel() }
        units = [:]
        state = UnitQueueState()
        isPipelining = false
        link = next
    }

    /// The socket is read again after every poll: libpq may have closed it and moved on to the host's next address.
    private func wait(for interest: Interest) {
        if let link { _ = watch(link, for: interest) { [weak self] _ in self?.poll() } }
    }

    private func poll() {
        guard let link else { return }
        // Cancelled before the poll, which may close the socket: its number may belong to another descriptor a
        // moment later.
        watch?.cancel()
        watch = nil
        switch link.poll() {
        case PGRES_POLLING_READING: wait(for: .read)
        case PGRES_POLLING_WRITING: wait(for: .write)
        case PGRES_POLLING_OK: connected(link)
        default: loseConnecting(link)
        }
    }

    private func loseConnecting(_ link: ConnectionHandle?) {
        let detail = link?.errorMessage ?? "out of memory"
        var error = PostgresError(.connection, "the connection could not be made", detail: detail)
        error.refusal = ConnectRefusal(message: detail)
        lose(error)
    }

    private func connected(_ link: ConnectionHandle) {
        opening?.share?.cancel()
        guard link.setNonblocking() else { return loseConnecting(link) }
        guard watchAnswers(of: link), let opening else { return }
        let isKnown = link.reportsReadOnly == false || opening.options.wantsReadOnly
        guard isKnown, !opening.seeksWritable, case .reports = opening.check else {
            return ask(opening, link)
        }
        opened(nil)
    }

    private func watchAnswers(of link: ConnectionHandle) -> Bool {
        watch(link, for: .read) { [weak self] in self?.ready($0) }
    }

    /// - Returns: false when the watch failed and the connection was closed for it.
    private func watch(
        _ link: ConnectionHandle, for interest: Interest, _ onReady: @escaping (Readiness) -> Void
    ) -> Bool {
        do {
            watch = try loop.watch(link.socket, for: interest, onReady)
            return true
        } catch {
            lose(PostgresError(.connection, "the connection cannot be watched", detail: "\(error)"))
            return false
        }
    }

    /// Asks the server whether the session accepts writes.
    private func ask(_ opening: ConnectionOpening, _ link: ConnectionHandle) {
        let question =
            switch opening.check {
            case .reports, .statement: ConnectCheck.question
            case .scout: ConnectCheck.endingQuestion(processID: link.backendPID)
            }
        let unit = WorkUnit(.script(question), timeout: configuration.connectTimeout)
        unit.onFinish { [weak self] outcome in
            do {
                let answer = try outcome.get().first?.first?.string(0)
                self?.answered(isReadOnly: answer == "on")
            } catch {
                self?.opened(
                    error as? PostgresError
                        ?? PostgresError(.decoding, "the reply to the connection check could not be read"))
            }
        }
        submit(unit)
    }

    private func answered(isReadOnly: Bool) {
        guard let opening, let link, isReadOnly, !opening.options.wantsReadOnly else { return opened(nil) }
        self.isReadOnly = true
        guard opening.leaveOut(link) else { return opened(nil) }
        leave(nil)
        self.isReadOnly = false
        begin(opening)
    }

    /// Continues with the connection that accepts no writes, because no other target can be reached.
    func goBack(to fallback: ConnectionHandle) {
        leave(fallback)
        isReadOnly = true
        guard watchAnswers(of: fallback) else { return }
        opened(nil)
    }

    private func opened(_ error: PostgresError?) {
        if let error { return lose(error) }
        reportAtOpening = link?.reportsReadOnly
        wantsReadOnly = opening?.options.wantsReadOnly ?? false
        let opening = opening
        self.opening = nil
        opening?.finish(nil)
    }
}

/// The result of starting a connection, on its way to the loop.
private struct ConnectionStart: Sendable {
    private(set) var link: ConnectionHandle?
    private(set) var targets: [ConnectTarget]?
    let options: ConnectOptions
    private(set) var failure: PostgresError?

    /// Resolves the names, unless their addresses are known, and starts to connect. May block.
    init(_ configuration: PostgresConfiguration, known: [ConnectTarget]?, notices: NoticeSink) {
        options = ConnectOptions(url: configuration.url)
        switch known.map({ .found($0) }) ?? ConnectTargets.answer(for: options, configuration.lookup) {
        case .asGiven: targets = nil
        case .found(let found): targets = found
        case .notFound(let detail):
            var error = PostgresError(.connection, "the database's host is not found", detail: detail)
            error.refusal = .hostNotFound
            failure = error
            return
        }
        link = ConnectionHandle(
            starting: configuration, options: options, targets: targets, notices: notices)
    }
}
