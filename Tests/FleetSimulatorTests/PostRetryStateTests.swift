import Testing

@testable import FleetSimulator

@Suite struct PostRetryStateTests {
    @Test func post_succeeds_whenItIsAccepted() {
        var state = PostRetryState()
        let body = """
            {"accepted":2,"duplicates":1,"rejected":[{"pointer":"/fixes/3","errors":[{"pointer":"/fixes/3/lat",
            "detail":"is not finite"}]}],"ignored":["x"]}
            """
        let response = IngestResponse(
            accepted: 2, duplicates: 1, rejections: [.init(index: 3, detail: "lat: is not finite")])
        #expect(state.attemptEnded(.success(Self.response(202, body: body)), jitter: 0) == .succeed(response))
    }

    @Test(arguments: [408, 429, 500, 502, 503, 504])
    func post_isTriedAgainAfterRetryAfter_whenTheStatusIsTemporary(_ status: Int) {
        var state = PostRetryState()
        let action = state.attemptEnded(
            .success(Self.response(status, retryAfter: "7", body: #"{"detail":"later"}"#)), jitter: 0)
        #expect(action == .retry(after: .seconds(7), because: "\(status), later"))
    }

    @Test(arguments: [400, 401, 404, 413, 415, 422])
    func post_isGivenUp_whenTheStatusIsFinal(_ status: Int) {
        var state = PostRetryState()
        let body = #"{"title":"T","errors":[{"pointer":"/fleet_id","detail":"is another"}]}"#
        let error = SimulatorError.refused(status: status, detail: "T; /fleet_id: is another")
        #expect(state.attemptEnded(.success(Self.response(status, body: body)), jitter: 0) == .giveUp(error))
    }

    @Test func post_succeeds_whenNoFixIsValid() {
        var state = PostRetryState()
        let body = #"{"title":"T","errors":[{"pointer":"/fixes/0/lat","detail":"is missing"}]}"#
        let judged = IngestResponse(
            rejections: [.init(index: 0, detail: "lat: is missing")], isNoneValid: true)
        #expect(state.attemptEnded(.success(Self.response(422, body: body)), jitter: 0) == .succeed(judged))
    }

    @Test func post_isGivenUp_whenA202IsNotFromIngest() {
        var state = PostRetryState()
        let action = state.attemptEnded(.success(Self.response(202, body: "<html>")), jitter: 0)
        #expect(
            action
                == .giveUp(
                    .refused(status: 202, detail: "the response is not the one that the API documents")))
    }

    @Test func waits_doubleUpToTenSeconds_andTheEighthAttemptIsTheLast() {
        var state = PostRetryState()
        let waits = [0.25, 0.5, 1, 2, 4, 8, 10]
        for wait in waits {
            let action = state.attemptEnded(.failure(.truncated), jitter: 1)
            #expect(action == .retry(after: .seconds(wait), because: "\(TransportError.truncated)"))
        }
        let last = state.attemptEnded(.failure(.truncated), jitter: 1)
        #expect(last == .giveUp(.unreachable(attempts: 8, detail: "\(TransportError.truncated)")))
    }

    @Test(arguments: [("99999", 300.0), ("0", 0), ("-1", 0.125), ("soon", 0.125)])
    func retryAfter_isBounded_andIgnoredUnlessItIsSeconds(_ text: String, _ seconds: Double) {
        var state = PostRetryState()
        let action = state.attemptEnded(.success(Self.response(503, retryAfter: text, body: "")), jitter: 0)
        #expect(action == .retry(after: .seconds(seconds), because: "503, no details were given"))
    }

    private static func response(_ status: Int, retryAfter: String? = nil, body: String) -> ClientResponse {
        ClientResponse(
            status: status, retryAfter: retryAfter, body: Array(body.utf8), keepsConnection: true)
    }
}
