import CLibPQ
import Testing

@testable import Postgres

struct ResultHandleTests {
    /// libpq makes results without any field when the server dies in the middle of a statement.
    @Test func anErrorThatLibpqMade_isALostConnection_withUnknownOutcome() throws {
        for status in [PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE] {
            let result = ResultHandle(owning: try #require(PQmakeEmptyPGresult(nil, status)))
            let error = result.error
            #expect(error.kind == .connection)
            #expect(error.outcomeUnknown)
            #expect(error.isUnavailable && !error.isRetryable)
        }
    }
}
