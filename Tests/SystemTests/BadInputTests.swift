import Foundation
import HarborFleetTesting
import Testing

extension BadInput {
    /// One test case for each row, so that a failure names it.
    @Suite struct Rows {
        @Test(arguments: BadRequest.all)
        func badRequest_getsItsDocumentedResponse_andTheNextGoodOneWorks(_ request: BadRequest) async throws {
            let server = try await BadInputServer.shared.value
            try await request.check(server)
            try await server.expectGoodRequestsWork(after: request.name)
        }

        @Test(arguments: BadFrames.all)
        func badFrame_closesTheStreamWithItsCode_andTheNextGoodRequestWorks(_ frames: BadFrames) async throws
        {
            let server = try await BadInputServer.shared.value
            try await frames.check(server)
            try await server.expectGoodRequestsWork(after: frames.name)
        }

        @Test(arguments: HalfRequest.all)
        func halfRequest_isDropped_whenItsClientLeaves(_ half: HalfRequest) async throws {
            let server = try await BadInputServer.shared.value
            try await half.drop(server)
            try await half.end(server)
            try await server.expectGoodRequestsWork(after: half.name)
        }
    }
}

/// Not a part of `BadInput`: it waits for 30 s, the time for a body, which the other tests need not wait for.
@Suite(.timeLimit(.minutes(2))) struct HalfRequestTests {
    @Test func halfRequests_get408_whenTheRestDoesNotArriveInTime() async throws {
        let server = try await BadInputServer()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for half in HalfRequest.all { tasks.addTask { try await half.wait(server) } }
            try await tasks.waitForAll()
        }
        try await server.expectGoodRequestsWork(after: "time-outs")
    }
}

extension BadRequest {
    static let all = signatures + bodies + members + requests + framing + upgrades
}
