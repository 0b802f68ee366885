internal import StoreCache

/// Why a call on a fleet failed.
package enum FleetError: Error, Sendable, Equatable {
    /// There is no such fleet.
    case unknownFleet
    /// The fleet's tracker failed too often and is not restarted for a while. Other fleets are not affected.
    case quarantined(retryAfter: Duration)
    /// The store is unreachable, or the tracker is being restarted. The reason holds nothing confidential and may
    /// be shown to any client.
    case unavailable(retryAfter: Duration, reason: String? = nil)
    /// Too much work is waiting already; nothing was done.
    case overloaded(retryAfter: Duration)
    /// The store has no partition for fixes of that day yet, and is creating one.
    case noPlaceYet(retryAfter: Duration)
    /// No fix of the POST can be accepted: each is invalid, or belongs to a new vehicle while the fleet is full.
    case allRejected([RejectedFix], ignored: [String])
    /// The store rejected this particular POST of fixes; `detail` is for the log.
    case notStorable(detail: String)
    /// The store rejected the operation; `detail` is for the log.
    case refused(detail: String)

    /// Translates the error with which the store rejected one particular POST.
    init(refusing error: StoreError) {
        switch error.kind {
        case .rejected, .alreadyExists: self = .notStorable(detail: error.detail)
        case .unavailable, .notYet, .notFound: self.init(error)
        }
    }

    init(_ error: StoreError) {
        switch error.kind {
        case .unavailable: self = .unavailable(retryAfter: .seconds(1), reason: error.reason)
        case .notYet: self = .noPlaceYet(retryAfter: .seconds(2))
        case .notFound: self = .unknownFleet
        case .rejected, .alreadyExists: self = .refused(detail: error.detail)
        }
    }
}
