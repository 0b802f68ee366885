internal import CLibPQ
internal import EventLoops

/// Bytes in and out (PostgreSQL manual, 34.4 and 34.5). Loop only.
extension PostgresConnection {
    /// Sends what may be sent.
    func sendWaiting() {
        guard let link else { return }
        var hasSent = false
        while let entry = state.next() {
            guard let unit = units[entry.id], send(unit, over: link) else { return loseBroken(link) }
            hasSent = true
        }
        if hasSent { flush() }
    }

    private func send(_ unit: WorkUnit, over link: ConnectionHandle) -> Bool {
        unit.wasSent = true
        switch unit.work {
        case .statements(let statements):
            guard setPipelining(true, link) else { return false }
            for statement in statements {
                guard link.send(statement) else { return false }
            }
            return link.pipelineSync()
        case .script(let script):
            if LockTimeout.isSet(by: script) { hasOwnLockTimeout = true }
            return setPipelining(false, link) && link.send(script: script)
        }
    }

    private func setPipelining(_ wanted: Bool, _ link: ConnectionHandle) -> Bool {
        guard isPipelining != wanted else { return true }
        isPipelining = wanted
        return wanted ? link.enterPipelineMode() : link.exitPipelineMode()
    }

    /// Writes what libpq has buffered; what the socket does not take waits for it to be writable.
    private func flush() {
        guard let link else { return }
        switch link.flush() {
        case 0: watch?.update(.read)
        case 1: watch?.update(.read | .write)
        default: loseBroken(link)
        }
    }

    /// The socket is readable or writable. Both ways are served each time: the server may refuse to read until
    /// we have read what it writes (PQflush in the manual).
    func ready(_ readiness: Readiness) {
        guard let link else { return }
        guard link.consumeInput() else {
            receiveResults()
            return loseBroken(link)
        }
        receiveResults()
        // A connection that is being made may have gone to another target.
        guard failure == nil, self.link === link else { return }
        guard !link.isBad else { return loseBroken(link) }
        flush()
    }

    private func receiveResults() {
        var boundaries = 0
        while let link, let current = state.answering, !link.isBusy {
            guard let result = link.nextResult() else {
                if current.kind == .script {
                    unitAnswered()
                    continue
                }
                // In pipeline mode it ends a statement; a second one in a row says that there is nothing more.
                boundaries += 1
                if boundaries > 1 { return }
                continue
            }
            boundaries = 0
            received(result, for: current)
        }
        settle()
    }

    /// After a unit's Sync libpq becomes idle only when it is asked once more.
    private func settle() {
        guard let link, isPipelining, state.answering == nil, !link.isBusy else { return }
        _ = link.nextResult()
    }

    private func received(_ result: ResultHandle, for entry: UnitQueueState.Entry) {
        guard let unit = units[entry.id] else { return }
        switch result.status {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            unit.rows.append(PostgresRows(result))
        case PGRES_PIPELINE_SYNC:
            unitAnswered()
        case PGRES_PIPELINE_ABORTED:
            break
        case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE:
            let error = result.error
            received(error)
            unit.error = unit.error ?? error
        default:
            lose(PostgresError(.closed, "COPY is not for this connection"))
        }
    }

    private func loseBroken(_ link: ConnectionHandle) {
        lose(PostgresError(.connection, "the connection was lost", detail: link.errorMessage))
    }
}
