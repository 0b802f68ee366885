internal import Processes

// For single commands, which reach the database whether a server runs or not.
extension PrivateCluster {
    /// Calls `body` with the URL of a running PostgreSQL. That is the server's own, or one that is started now and
    /// stopped when neither this command nor another one uses it any more.
    /// - Parameters:
    ///   - makingIt: whether to create the cluster when it does not exist.
    ///   - onWait: called with a sentence when this command waits for another process.
    /// - Throws: `PrivatePostgresError`, or the error of `body`.
    package func withServer<Value: Sendable>(
        makingIt: Bool, onWait: (String) -> Void = { _ in }, _ body: (_ url: String) async throws -> Value
    ) async throws -> Value {
        do throws(FileFailure) {
            try DataDirectory.check(layout.root)
        } catch {
            throw PrivatePostgresError(error)
        }
        // Nothing is created, not even a lock file, in a directory that no server has ever used: it may belong to
        // something else.
        guard makingIt || layout.isMade || layout.hasOwnerLock else {
            throw PrivatePostgresError.missing(directory: layout.root)
        }
        try prepareRoot()
        func tell(_ holder: LockHolder?) {
            let name = holder.map { "\($0)" } ?? "another process"
            onWait("waiting for \(name), which is using the private PostgreSQL in \(layout.root)")
        }
        let users = try openLock(layout.usersLock)
        try await waitFor(users, atMost: 600, silently: Self.silentTries, tell) { $0.tryShared() }
        let owner = try openLock(layout.ownerLock)
        var isOwner = false
        try await waitFor(owner, atMost: 600, silently: Self.silentTries, tell) { owner in
            if case .ready = PostmasterCondition.observe(layout) { return true }
            isOwner = owner.tryExclusive()
            return isOwner
        }
        guard isOwner else { return try await body(url) }
        // Only now is it certain that no server is creating the cluster.
        guard makingIt || layout.isMade else { throw PrivatePostgresError.missing(directory: layout.root) }
        return try await runForAWhile(users, body)
    }

    private func runForAWhile<Value: Sendable>(
        _ users: borrowing FileLock, _ body: (_ url: String) async throws -> Value
    ) async throws -> Value {
        do {
            let postmaster = try await bringUp(prepare(), insisting: false)
            let value = try await body(url)
            // A PostgreSQL that a killed server left running stays, so that the next server can adopt it.
            if postmaster.child != nil { await stopAfterLastUser(users) }
            return value
        } catch {
            await stopAfterLastUser(users)
            throw error
        }
    }

    private func stopAfterLastUser(_ users: borrowing FileLock) async {
        // If this process gets the lock exclusively, no other command uses PostgreSQL. The wait is limited, so a
        // command that never ends does not block this one for ever.
        try? await waitFor(users, atMost: 600, silently: 0, { _ in }) { $0.tryExclusive() }
        await stop()
    }

    /// How many checks pass without a message. A server that is just starting is ready sooner than that.
    private static let silentTries = 10
}
