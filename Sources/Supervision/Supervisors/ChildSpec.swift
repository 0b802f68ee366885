/// Describes how a supervisor starts, stops and restarts one child.
///
/// ```swift
/// ChildSpec(id: "recorder") { context in
///     let recorder = try await Recorder.open()
///     context.ready()
///     try await recorder.run()
/// }
/// ```
package struct ChildSpec: Sendable {
    /// When a child that has ended is restarted (the names are those of OTP).
    package enum Restart: Sendable, Equatable {
        /// It is restarted however it ended.
        case permanent
        /// It is restarted only when it threw an error.
        case transient
    }

    /// The child's name, unique among its siblings.
    package let id: String
    /// When the child is restarted.
    package let restart: Restart
    /// How long the child may take to end after its task is cancelled. After that it is reported and abandoned.
    package let shutdown: Duration
    /// Returns what the tree shows of the child beyond its state.
    package let inspect: (@Sendable () -> ChildInspection)?
    /// The child's whole work. The child ends when this returns or throws, which cancellation asks it to do.
    package let run: @Sendable (ChildContext) async throws -> Void

    /// Describes a child.
    ///
    /// - Parameters:
    ///   - id: the name, unique among the siblings.
    ///   - restart: default `permanent`.
    ///   - shutdown: default 5 s.
    ///   - inspect: called on any thread whenever the tree is read; must be quick and must not wait.
    ///   - run: the child's whole work; it must call `ready()` once its siblings may rely on it.
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

    /// A copy of the child that prefers to run on `executor`. Code with an executor of its own, such as an actor's,
    /// is not affected.
    package func running(on executor: any TaskExecutor) -> ChildSpec {
        ChildSpec(id: id, restart: restart, shutdown: shutdown, inspect: inspect) { [run] context in
            try await withTaskExecutorPreference(executor) { try await run(context) }
        }
    }
}

/// A child's access to its supervisor. Each start of a child gets a new one.
package struct ChildContext: Sendable {
    /// The number of restarts up to this start.
    package let restarts: Int
    /// The number of this start. It increases with every start in this supervisor and is never reused in the process.
    package let generation: UInt64

    let onReady: @Sendable () -> Void

    /// Reports that the child is ready, so that the next sibling may start. It may be called again, without effect.
    package func ready() { onReady() }

    /// Runs `body`, and calls `ready()` after `limit` at the latest, so that siblings which can work without the
    /// child wait no longer.
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

/// What a child reports about itself for the tree.
package struct ChildInspection: Sendable {
    /// The number of messages in its mailbox; nil if it has none.
    package var mailboxLength: Int?
    /// The node of the supervisor that it runs; nil if it runs none.
    package var node: SupervisionNode?

    /// Makes an inspection. Leave out what does not apply.
    package init(mailboxLength: Int? = nil, node: SupervisionNode? = nil) {
        self.mailboxLength = mailboxLength
        self.node = node
    }
}
