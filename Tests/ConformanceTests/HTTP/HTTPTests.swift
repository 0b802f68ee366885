import HarborFleetTesting
import Testing

extension Conformance {
    /// One test case for each row, so that a failure names it.
    @Suite(.serialized) struct HTTP {
        @Test(arguments: HTTPCase.all)
        func request_getsTheResponseOfItsSection_howeverItIsCut(_ row: HTTPCase) async throws {
            let (faults, ways) = try await row.run(try await ConformanceServer.shared.value)
            Ledger.note(.http, exchanges: ways, failed: !faults.isEmpty)
            #expect(faults.isEmpty, "\(row.testDescription): \(faults.prefix(3).joined(separator: "\n"))")
        }
    }
}
