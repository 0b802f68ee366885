/// One node of the supervision tree, as of the moment when it was read.
package struct SupervisionNode: Sendable, Equatable {
    /// The kind of component that a node describes.
    package enum Kind: String, Sendable {
        case supervisor
        case dynamicSupervisor = "dynamic_supervisor"
        case worker
    }

    /// The state of a node.
    package enum State: String, Sendable {
        /// Not started yet, or about to be started again. Next: starting.
        case waiting
        /// Started, but has not called `ready()`. Next: running, waiting, stopping, finished, quarantined.
        case starting
        /// Next: waiting, stopping, finished, quarantined.
        case running
        /// Asked to end. Next: waiting, finished, abandoned.
        case stopping
        /// Ended, and is not restarted by itself.
        case finished
        /// Did not end within its shutdown time. Its task may still exist, but its supervisor does not wait for it.
        case abandoned
        /// Failed too often. It is not restarted before the cool-down is over. Next: starting.
        case quarantined
    }

    /// Its id in its supervisor.
    package var name: String
    package var kind: Kind
    package var state: State
    /// The number of its restarts.
    package var restarts = 0
    /// The time since its last start; nil while it does not run.
    package var uptime: Duration?
    /// The number of messages in its mailbox; nil if it has none.
    package var mailboxLength: Int?
    /// The description of the error of its last failure; nil if it has not failed.
    package var lastFailure: String?
    package var children: [SupervisionNode] = []
}
