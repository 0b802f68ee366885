/// Why a store could not do what was requested.
package struct StoreError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What the caller may do about it.
    package enum Kind: Sendable, Equatable {
        /// No connection, a time-out, a full pool, a server that shuts down: the same call may succeed later.
        case unavailable
        /// The store rejected this particular input (a constraint, a value out of range): a retry fails again.
        case rejected
        /// The store has no place for this input yet, and is creating one: the same call may succeed soon.
        case notYet
        /// An object with that name exists already.
        case alreadyExists
        /// No object with that name exists.
        case notFound
    }

    package var kind: Kind
    /// For the log; holds no payload, no SQL and no secret.
    package var detail: String

    /// For `.unavailable`: too many callers ask at once. It does not say whether the store can be reached.
    package var isBusy: Bool

    /// For `.unavailable`: the reason, in words that may be shown to any client; nil when it is not known, or the
    /// store does not respond.
    package var reason: String?

    /// For `.unavailable`: the store responds and refuses, because a right or a table is missing that an operator
    /// must add.
    package var isRefusal = false

    package init(_ kind: Kind, detail: String, isBusy: Bool = false) {
        self.kind = kind
        self.detail = detail
        self.isBusy = isBusy
    }

    package var description: String { "\(kind): \(detail)" }
}
