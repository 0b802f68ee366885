/// One node of the supervision tree at the instant it was read.
package struct SupervisionNode: Sendable, Equatable {
    /// What stands behind a node.
    package enum Kind: String, Sendable {
        case supervisor
        case dynamicSupervisor = "dynamic_supervisor"
        case worker
    }

    /// Where a node is in its life.
    package enum State: String, Sendable {
        /// Not started yet, or about to be started again. Next: starting.
        case waiting
        /// Started, has not called `ready()`. Next: running, waiting, stopping, finished, quarantined.
        case starting
        /// Next: waiting, stopping, finished, quarantined.
        case running
        /// Asked to end. Next: waiting, finished, abandoned.
        case stopping
        /// Ended and not to be restarted.
        case finished
        /// Did not end within its shutdown time. Its task may still be there; its supervisor does not wait for it.
        case abandoned
        /// Failed too often; not restarted before the cool-down has gone by. Next: starting.
        case quarantined
    }

    /// Its id in its supervisor.
    package var name: String
    package var kind: Kind
    package var state: State
    /// How often it was restarted.
    package var restarts = 0
    /// Since its present start; nil while it does not run.
    package var uptime: Duration?
    /// How many messages wait for it, when it has a mailbox.
    package var mailboxLength: Int?
    /// How it failed last, as its error describes itself.
    package var lastFailure: String?
    package var children: [SupervisionNode] = []
}
