/// How one child of a supervisor is started, stopped and restarted.
///
/// ```swift
/// ChildSpec(id: "recorder") { context in
///     let recorder = try await Recorder.open()
///     context.ready()
///     try await recorder.run()
/// }
/// ```
package struct ChildSpec: Sendable {
    /// What its end means (the words are OTP's).
    package enum Restart: Sendable, Equatable {
        /// Restarted however it ended.
        case permanent
        /// Restarted only when it threw.
        case transient
    }

    /// Its name, unique among its siblings.
    package let id: String
    /// When it is restarted.
    package let restart: Restart
    /// How long it may take to end after its task was cancelled, before it is named and abandoned.
    package let shutdown: Duration
    /// What the tree tells of it beyond its state.
    package let inspect: (@Sendable () -> ChildInspection)?
    /// Its whole life. It ends by returning or throwing; cancellation asks it to.
    package let run: @Sendable (ChildContext) async throws -> Void

    /// Describes a child.
    ///
    /// - Parameters:
    ///   - id: unique among the siblings.
    ///   - restart: `permanent` unless said.
    ///   - shutdown: 5 s unless said.
    ///   - inspect: called on any thread whenever the tree is read; must be quick and must not wait.
    ///   - run: the child's life; calls `ready()` once its siblings may rely on it.
    package init(
        id: String, restart: Restart = .permanent, shutdown: Duration = .seconds(5),
        inspect: (@Sendable () -> ChildInspection)? = nil,
        run: @escaping @Sendable (ChildContext) async throws -> Void
    ) {
        self.id = id
        self.restart = restart
        self.shutdown = shutdown
        self.inspect = inspect
        self.run = run
    }

    /// The same child, which then runs on `executor` wherever it asks for nothing else.
    package func running(on executor: any TaskExecutor) -> ChildSpec {
        ChildSpec(id: id, restart: restart, shutdown: shutdown, inspect: inspect) { [run] context in
            try await withTaskExecutorPreference(executor) { try await run(context) }
        }
    }
}

/// What a child is given at its start.
package struct ChildContext: Sendable {
    /// How often it was restarted before this start.
    package let restarts: Int
    /// Rises with every start in this supervisor; never used twice while the process lives.
    package let generation: UInt64

    let onReady: @Sendable () -> Void

    /// Tells that the child can be relied on: the next sibling may start. Repeats are harmless.
    package func ready() { onReady() }

    /// Runs `body`, and calls `ready()` after `limit` at the latest: siblings that can do without the child wait no
    /// longer.
    package func readyAtLatest(
        after limit: Duration, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await Task.sleep(for: limit)
                ready()
            }
            defer { group.cancelAll() }
            try await body()
        }
    }
}

/// What a child tells of itself for the tree.
package struct ChildInspection: Sendable {
    /// How many messages wait for it, when it has a mailbox.
    package var mailboxLength: Int?
    /// The node of the supervisor that it runs, when it is one.
    package var node: SupervisionNode?

    /// An inspection; leave out what does not apply.
    package init(mailboxLength: Int? = nil, node: SupervisionNode? = nil) {
        self.mailboxLength = mailboxLength
        self.node = node
    }
}
