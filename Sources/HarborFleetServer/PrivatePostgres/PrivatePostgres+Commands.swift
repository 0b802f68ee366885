// For single commands, which reach the database whether a server runs or not.
extension PrivatePostgres {
    /// Gives `body` the URL of a PostgreSQL that runs: the server's own, or one that is started now and stopped
    /// when neither this command nor another one uses it any more.
    /// - Throws: `PrivatePostgresError`, or what `body` throws.
    package func withServer<Value: Sendable>(
        _ body: (_ url: String) async throws -> Value
    ) async throws -> Value {
        try prepareRoot()
        let users = try FileLock(path: layout.usersLock)
        try await retry(atMost: 600) { users.tryShared() }
        let owner = try FileLock(path: layout.ownerLock)
        var isOwner = false
        try await retry(atMost: 600) {
            if case .ready = PostmasterCondition.observe(layout) { return true }
            isOwner = owner.tryExclusive()
            return isOwner
        }
        guard isOwner else { return try await body(url) }
        return try await runForAWhile(users, body)
    }

    private func runForAWhile<Value: Sendable>(
        _ users: borrowing FileLock, _ body: (_ url: String) async throws -> Value
    ) async throws -> Value {
        do {
            let postmaster = try await bringUp(prepare(), insisting: false)
            let value = try await body(url)
            // What a killed server left running is the next server's to adopt.
            if postmaster.child != nil { await stopAfterLastUser(users) }
            return value
        } catch {
            await stopAfterLastUser(users)
            throw error
        }
    }

    private func stopAfterLastUser(_ users: borrowing FileLock) async {
        // Alone with the file, no other command uses it. One that never ends does not hold this one for ever.
        try? await retry(atMost: 600) { users.tryExclusive() }
        await stop()
    }

    /// Looks every 100 ms: a lock that comes free tells only who blocks a thread for it (flock(2)).
    private func retry(atMost tries: Int, _ isDone: () -> Bool) async throws {
        for _ in 0..<tries {
            if isDone() { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw PrivatePostgresError.inUse(directory: layout.root)
    }
}
