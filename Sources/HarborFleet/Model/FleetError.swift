internal import StoreCache

/// Why a call on a fleet was not answered.
package enum FleetError: Error, Sendable, Equatable {
    /// There is no such fleet.
    case unknownFleet
    /// The fleet's tracker failed too often and is left alone for a while. The other fleets live.
    case quarantined(retryAfter: Duration)
    /// The store is away, or the tracker is being restarted; the reason is in words that anybody may read.
    case unavailable(retryAfter: Duration, reason: String? = nil)
    /// Too much waits already; nothing was done.
    case overloaded(retryAfter: Duration)
    /// The store has no place for fixes of that day yet, and makes one.
    case noPlaceYet(retryAfter: Duration)
    /// No fix of the POST can be taken: each is a new vehicle of a full fleet, or invalid.
    case allRejected([RejectedFix], ignored: [String])
    /// The store refused this very POST of fixes; `detail` is for the log.
    case notStorable(detail: String)
    /// The store refused what it was asked; `detail` is for the log.
    case refused(detail: String)

    /// Why the store did not take this very POST.
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
