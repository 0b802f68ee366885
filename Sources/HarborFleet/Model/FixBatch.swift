/// The decoded body of a POST: the valid fixes, the invalid ones, and the names of unknown members.
package struct FixBatch: Sendable, Equatable {
    /// The maximum number of fixes in one POST.
    package static let maximumFixes = 1000
    /// How far `recorded_at` may be ahead of the server's clock.
    package static let clockTolerance: Duration = .seconds(600)

    /// The valid fixes in the order of the body; at least one.
    package var fixes: [NumberedFix]
    /// The invalid fixes in the order of the body.
    package var rejected: [RejectedFix]
    /// The names of unknown members, each once, in the order of their first appearance; their number is bounded.
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

/// A fix that is not accepted, with every error found in it.
package struct RejectedFix: Sendable, Equatable {
    package var ordinal: Int
    package var errors: [FieldError]

    package init(ordinal: Int, errors: [FieldError]) {
        self.ordinal = ordinal
        self.errors = errors
    }

    /// The position of the fix in the body, as a JSON Pointer (RFC 6901).
    package var pointer: String { "/fixes/\(ordinal)" }
}

/// One error in the input.
package struct FieldError: Sendable, Equatable {
    /// The place of the error, as a JSON Pointer (RFC 6901).
    package var pointer: String
    /// What is wrong, as a sentence without its subject: `must be a number`.
    package var detail: String

    package init(pointer: String, detail: String) {
        self.pointer = pointer
        self.detail = detail
    }
}

/// Why no fix of a body is accepted.
package enum FixBatchError: Error, Sendable, Equatable {
    /// The body is not JSON, or not JSON that the decoder accepts. `offset` is the byte at which decoding stopped;
    /// `error` says where that is and why. Status 400.
    case malformed(offset: Int, error: FieldError)
    /// The body is JSON of another shape: it is no object, or has no array `fixes`, an empty one, or one with too
    /// many fixes; or its `fleet_id` differs from the path's or is missing where it is required. Status 422.
    case invalid(FieldError)
    /// Every fix is invalid. Status 422.
    case allRejected([RejectedFix], ignored: [String])

    /// What is wrong, for the member `errors` of the response.
    package var fieldErrors: [FieldError] {
        switch self {
        case .malformed(_, let error), .invalid(let error): [error]
        case .allRejected(let rejected, _): rejected.flatMap(\.errors)
        }
    }
}
