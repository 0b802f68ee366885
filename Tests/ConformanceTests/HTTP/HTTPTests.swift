import HarborFleetTesting
import Testing

extension Conformance {
    /// Each row on its own, so that a failure names it.
    @Suite(.serialized) struct HTTP {
        @Test(arguments: HTTPCase.all)
        func aRequest_isReadAsItsSectionSays_howeverItIsCut(_ row: HTTPCase) async throws {
            let (faults, ways) = try await row.run(try await ConformanceServer.shared.value)
            Ledger.note(.http, exchanges: ways, failed: !faults.isEmpty)
            #expect(faults.isEmpty, "\(row.testDescription): \(faults.prefix(3).joined(separator: "\n"))")
        }
    }
}
