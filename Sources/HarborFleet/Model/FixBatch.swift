/// What a body of fixes held: what is valid, what is not, and what nobody asked for.
package struct FixBatch: Sendable, Equatable {
    /// The most fixes of one POST.
    package static let maximumFixes = 1000
    /// How far ahead of the server's clock `recorded_at` may lie.
    package static let clockTolerance: Duration = .seconds(600)

    /// The valid fixes in the order of the body; at least one.
    package var fixes: [NumberedFix]
    /// The invalid ones in the order of the body.
    package var rejected: [RejectedFix]
    /// The unknown members' names, each once, in the order of their first appearance; bounded.
    package var ignored: [String]

    package init(fixes: [NumberedFix], rejected: [RejectedFix] = [], ignored: [String] = []) {
        self.fixes = fixes
        self.rejected = rejected
        self.ignored = ignored
    }
}

/// A valid fix and its index in the body.
package struct NumberedFix: Sendable, Equatable {
    package var ordinal: Int
    package var fix: Fix

    package init(ordinal: Int, fix: Fix) {
        self.ordinal = ordinal
        self.fix = fix
    }
}

/// A fix that is not taken, with everything that is wrong with it.
package struct RejectedFix: Sendable, Equatable {
    package var ordinal: Int
    package var errors: [FieldError]

    package init(ordinal: Int, errors: [FieldError]) {
        self.ordinal = ordinal
        self.errors = errors
    }

    /// Where it stands in the body (RFC 6901).
    package var pointer: String { "/fixes/\(ordinal)" }
}

/// One thing that is wrong with the input.
package struct FieldError: Sendable, Equatable {
    /// Where (RFC 6901).
    package var pointer: String
    /// What, as a sentence without its subject: `must be a number`.
    package var detail: String

    package init(pointer: String, detail: String) {
        self.pointer = pointer
        self.detail = detail
    }
}

/// Why nothing of a body is taken.
package enum FixBatchError: Error, Sendable, Equatable {
    /// Not JSON, or not JSON that we take; `offset` is the byte at which reading stopped, `error` says where that is
    /// and why. Status 400.
    case malformed(offset: Int, error: FieldError)
    /// JSON of another shape: no object, no array `fixes`, an empty one, or one of too many; or a `fleet_id` that is
    /// another than the path's, or is missing where it is required. Status 422.
    case invalid(FieldError)
    /// Every fix is invalid. Status 422.
    case allRejected([RejectedFix], ignored: [String])

    /// What is wrong, for the answer's `errors`.
    package var fieldErrors: [FieldError] {
        switch self {
        case .malformed(_, let error), .invalid(let error): [error]
        case .allRejected(let rejected, _): rejected.flatMap(\.errors)
        }
    }
}
