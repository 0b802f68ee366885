internal import CLibPQ
internal import EventLoops

/// Sending and receiving (PostgreSQL manual, 34.4 and 34.5). Loop only.
extension PostgresConnection {
    /// Sends the waiting batches that may be sent now.
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

    /// Writes what libpq has buffered. If the socket accepts only a part, the rest is sent when the socket is
    /// writable.
    private func flush() {
        guard let link else { return }
        switch link.flush() {
        case 0: watch?.update(.read)
        case 1: watch?.update(.read | .write)
        default: loseBroken(link)
        }
    }

    /// The socket is readable or writable. Both directions are served each time: the server may stop reading until
    /// its output has been read (PQflush in the manual).
    func ready(_ readiness: Readiness) {
        guard let link else { return }
        guard link.consumeInput() else {
            receiveResults()
            return loseBroken(link)
        }
        receiveResults()
        // A connection that is still being made may have moved on to another target.
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
                // In pipeline mode nil ends a statement. A second nil in a row means that there are no more results
                // now.
                boundaries += 1
                if boundaries > 1 { return }
                continue
            }
            boundaries = 0
            received(result, for: current)
        }
        settle()
    }

    /// After the Sync of a batch, libpq becomes idle only when it is asked for a result once more.
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
            lose(PostgresError(.closed, "COPY is not supported on this connection"))
        }
    }

    private func loseBroken(_ link: ConnectionHandle) {
        lose(PostgresError(.connection, "the connection was lost", detail: link.errorMessage))
    }
}
