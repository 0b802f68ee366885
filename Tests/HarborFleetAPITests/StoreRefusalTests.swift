import HarborFleet
import HarborFleetTesting
import StoreCache
import Testing

@testable import HarborFleetAPI

/// The response and the log line after the database refuses a statement.
@Suite struct StoreRefusalTests {
    private static let reason =
        "the database is out of lock memory: max_locks_per_transaction is too small (SQLSTATE 53200)"

    private func refusal(_ reason: String?) -> StoreError {
        var error = StoreError(.unavailable, detail: "for the log alone")
        error.reason = reason
        return error
    }

    @Test func response_statesTheReason_whenItIsKnown() {
        let known = ErrorMapping.problem(of: refusal(Self.reason))
        #expect(known.status == .serviceUnavailable)
        #expect(
            known.detail
                == "The database is out of lock memory: max_locks_per_transaction is too small (SQLSTATE 53200). "
                + "Retry later.")
        #expect(ErrorMapping.problem(of: refusal(nil)).detail == "The database does not respond at present.")
        let post = FleetError.unavailable(retryAfter: .seconds(1), reason: Self.reason)
        #expect(ErrorMapping.problem(of: post).detail == known.detail)
        let plain = FleetError.unavailable(retryAfter: .seconds(1))
        #expect(
            ErrorMapping.problem(of: plain).detail
                == "The fleet could not be read or stored in time. Retry shortly.")
    }

    @Test func log_hasEachReasonOnce() {
        let log = LogRecorder()
        let refusals = StoreRefusals(logger: log.logger)
        for number in 0..<3 { refusals.note(refusal(Self.reason), requestID: "r\(number)") }
        refusals.note(refusal("another"), requestID: "r3")
        refusals.note(refusal(nil), requestID: "r4")
        #expect(log.lines.map { $0["request_id"] } == ["r0", "r3"])
        #expect(log.lines.map { $0["reason"] } == [Self.reason, "another"])
    }
}
