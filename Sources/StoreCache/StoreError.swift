/// Why a store could not do what was asked.
package struct StoreError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What the caller may do about it.
    package enum Kind: Sendable, Equatable {
        /// No connection, a time-out, a full pool, a server that shuts down: the same call may work later.
        case unavailable
        /// The store refused this very input (a constraint, a value out of range): a retry fails again.
        case rejected
        /// There is no place for this very input yet, and one is being made: the same call may work soon.
        case notYet
        /// A thing of that name exists already.
        case alreadyExists
        /// Nothing of that name exists.
        case notFound
    }

    package var kind: Kind
    /// For the log; holds no payload, no SQL and no secret.
    package var detail: String

    /// Of `.unavailable`: too many ask at once. Whether the store is away that does not tell.
    package var isBusy: Bool

    /// Of `.unavailable`: why, in words that anybody may read; nil when that is not known, or the store does not answer.
    package var reason: String?

    /// Of `.unavailable`: the store answers and refuses, for want of a right or of a table, which somebody has to mend.
    package var isRefusal = false

    package init(_ kind: Kind, detail: String, isBusy: Bool = false) {
        self.kind = kind
        self.detail = detail
        self.isBusy = isBusy
    }

    package var description: String { "\(kind): \(detail)" }
}
