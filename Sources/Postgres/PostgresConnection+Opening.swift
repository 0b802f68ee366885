internal import CLibPQ
internal import EventLoops

/// A connect under way: who wants to know, and until when.
final class ConnectionOpening {
    /// For the queue that starts the connection.
    let isGivenUp = Flag()
    private let timer: ScheduledTimer
    private var completion: ((PostgresError?) -> Void)?

    init(timer: ScheduledTimer, completion: @escaping (PostgresError?) -> Void) {
        self.timer = timer
        self.completion = completion
    }

    /// Tells the one who asked; later calls tell nobody.
    func finish(_ failure: PostgresError?) {
        timer.cancel()
        if failure != nil { isGivenUp.set() }
        let completion = completion
        self.completion = nil
        completion?(failure)
    }
}

/// Connecting (PostgreSQL manual, 34.1: PQconnectStartParams, PQconnectPoll). Loop only.
extension PostgresConnection {
    /// Connects and runs the session's statements, then calls `completion` with nil or why it failed.
    func establish(_ completion: @escaping (PostgresError?) -> Void) {
        if let failure { return completion(failure) }
        let timer = loop.schedule(after: configuration.connectTimeout) { [weak self] in
            self?.lose(PostgresError(.timeout, "connecting took too long"))
        }
        let opening = ConnectionOpening(timer: timer, completion: completion)
        self.opening = opening
        let notices = NoticeSink(logger: logger)
        // A look-up of the host's name blocks, and would stop everything on the loop.
        BlockingQueue.connects.async { [self, configuration, isGivenUp = opening.isGivenUp] in
            // While look-ups hang, those behind are given up faster than they are done: they must not pile up.
            guard !isGivenUp.isSet else { return }
            let link = ConnectionLink(starting: configuration, notices: notices)
            loop.execute { [self] in started(link) }
        }
    }

    private func started(_ link: ConnectionLink?) {
        guard failure == nil else { return }
        guard let link, !link.handle.isBad, link.handle.setNonblocking() else {
            return loseConnecting(link)
        }
        self.link = link
        wait(for: .write)
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
        lose(PostgresError(.connection, "the connection could not be made", detail: detail))
    }

    private func connected(_ link: ConnectionLink) {
        do {
            watch = try loop.watch(link.handle.socket, for: .read) { [weak self] in self?.ready($0) }
        } catch {
            return lose(PostgresError(.connection, "the connection cannot be watched", detail: "\(error)"))
        }
        guard !configuration.sessionStatements.isEmpty else { return opened(nil) }
        let script = configuration.sessionStatements.joined(separator: ";")
        let unit = WorkUnit(.script(script), timeout: configuration.connectTimeout)
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
