import CLibPQ
import Testing

@testable import Postgres

struct ResultHandleTests {
    /// libpq makes a result without fields when the server ends in the middle of a statement.
    @Test func errorOfLibpq_isALostConnection_withUnknownOutcome() throws {
        for status in [PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE] {
            let result = ResultHandle(owning: try #require(PQmakeEmptyPGresult(nil, status)))
            let error = result.error
            #expect(error.kind == .connection)
            #expect(error.outcomeUnknown)
            #expect(error.isUnavailable && !error.isRetryable)
        }
    }
}
