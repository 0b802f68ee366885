internal import Processes

// For single commands, which reach the database whether a server runs or not.
extension PrivateCluster {
    /// Gives `body` the URL of a PostgreSQL that runs: the server's own, or one that is started now and stopped
    /// when neither this command nor another one uses it any more.
    /// - Parameters:
    ///   - makingIt: whether it is made when it is not there.
    ///   - onWait: called with a sentence when another process is waited for.
    /// - Throws: `PrivatePostgresError`, or what `body` throws.
    package func withServer<Value: Sendable>(
        makingIt: Bool, onWait: (String) -> Void = { _ in }, _ body: (_ url: String) async throws -> Value
    ) async throws -> Value {
        do throws(FileFailure) {
            try DataDirectory.check(layout.root)
        } catch {
            throw PrivatePostgresError(error)
        }
        // Nothing is made, no lock's file either, where no server of ours ever was: the folder may be anybody's.
        guard makingIt || layout.isMade || layout.hasOwnerLock else {
            throw PrivatePostgresError.missing(directory: layout.root)
        }
        try prepareRoot()
        func tell(_ holder: LockHolder?) {
            let name = holder.map { "\($0)" } ?? "another process"
            onWait("waiting for \(name), which holds the private PostgreSQL in \(layout.root)")
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
        // Only now it is certain that no server is making it.
        guard makingIt || layout.isMade else { throw PrivatePostgresError.missing(directory: layout.root) }
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
        try? await waitFor(users, atMost: 600, silently: 0, { _ in }) { $0.tryExclusive() }
        await stop()
    }

    /// A server that starts is there sooner, and that is worth no line.
    private static let silentTries = 10
}
