import EventLoops
import HTTP1
import Testing

@testable import Endpoint

// `#expect` accepts the result of a function with an inout argument, but no mutating member and no value that is not
// copyable.
private func answered(_ state: inout ConnectionState, keepAlive: Bool, now: MonotonicInstant) -> Bool {
    state.responded(keepAlive: keepAlive, now: now)
}

private func began(_ state: inout ConnectionState, keepAlive: Bool) -> Bool {
    state.streamBegan(keepAlive: keepAlive)
}

private func takeWaiting(_ state: inout ConnectionState) -> String? {
    state.takeWaiting().map { "\($0.method) \($1.count)" }
}

private func takeContinue(_ state: inout ConnectionState) -> Bool {
    state.takeContinue(now: MonotonicInstant(nanoseconds: 1_000_000_000_000))
}

@Suite struct ConnectionStateTests {
    private func at(_ milliseconds: UInt64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: 1_000_000_000_000 + milliseconds * 1_000_000)
    }

    private func state(_ change: (inout EndpointConfiguration) -> Void = { _ in }) -> ConnectionState {
        var configuration = EndpointConfiguration()
        change(&configuration)
        return ConnectionState(ConnectionRules(configuration), now: at(0))
    }

    /// Feeds text and returns the steps as text. Every head is admitted.
    private func feed(_ state: inout ConnectionState, _ text: String, at time: UInt64 = 0) -> [String] {
        let input = Array(text.utf8)
        var offset = 0
        var steps: [String] = []
        var cache = HeadCache()
        while let step = state.next(input.span, &offset, now: at(time), cache: &cache) {
            switch step {
            case .admit(let head):
                if state.admitted(bodyLimit: nil, waiting: head.expectsContinue && offset == input.count) {
                    steps.append("continue")
                }
            case .request(let head, let body): steps.append("\(head.method) \(head.path) \(body.count)")
            case .failed(let error, _): steps.append("\(error.status.code)")
            }
        }
        return steps
    }

    private let get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
    private let post = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"

    @Test func request_isRead_oneByteAtATime() {
        var state = state()
        let steps = post.map { feed(&state, String($0)) }.flatMap { $0 }
        #expect(steps == ["POST /a 3"])
        #expect(answered(&state, keepAlive: true, now: at(1)) == true)
        #expect(get.map { feed(&state, String($0)) }.flatMap { $0 } == ["GET /a 0"])
    }

    @Test func unsafeRequest_waitsForEarlierResponses_andLaterRequestsWaitForIt() {
        var state = state()
        #expect(feed(&state, get + get + post + get) == ["GET /a 0", "GET /a 0"])
        #expect(takeWaiting(&state) == nil)
        #expect(answered(&state, keepAlive: true, now: at(1)) == true)
        #expect(takeWaiting(&state) == nil)
        #expect(answered(&state, keepAlive: true, now: at(1)) == true)
        #expect(takeWaiting(&state) == "POST 3")
        #expect(takeWaiting(&state) == nil, "only once")
        #expect(feed(&state, get).isEmpty)
        // Most clients send nothing before the response, so reading stays on.
        #expect(state.wantsRead == true)
        #expect(answered(&state, keepAlive: true, now: at(1)) == true)
        #expect(feed(&state, post + get) == ["POST /a 3"])
    }

    @Test func waitingRequest_doesNotRun_whileTooMuchOutputWaits() {
        var state = state { $0.maxPendingOutputBytes = 100 }
        #expect(feed(&state, get + post) == ["GET /a 0"])
        #expect(answered(&state, keepAlive: true, now: at(1)) == true)
        state.outputChanged(pending: 101, stalledSince: at(1), now: at(1))
        #expect(takeWaiting(&state) == nil)
        state.outputChanged(pending: 100, stalledSince: at(1), now: at(2))
        #expect(takeWaiting(&state) == "POST 3")
    }

    @Test func drain_waitsForInputThatHasArrived() {
        var state = state()
        #expect(feed(&state, post) == ["POST /a 3"])
        state.hasUnread = true
        state.drain()
        #expect(answered(&state, keepAlive: true, now: at(1)) == true)
        state.hasUnread = false
        #expect(feed(&state, get) == ["GET /a 0"])
        #expect(answered(&state, keepAlive: true, now: at(2)) == false)
        #expect(state.ending == .shutdown)
    }

    @Test func drain_servesAWaitingRequest_beforeItEnds() {
        var state = state()
        #expect(feed(&state, get + post) == ["GET /a 0"])
        state.drain()
        #expect(answered(&state, keepAlive: true, now: at(1)) == true)
        #expect(takeWaiting(&state) == "POST 3")
        #expect(state.ending == .none)
        #expect(answered(&state, keepAlive: true, now: at(2)) == false)
        #expect(state.ending == .shutdown)
    }

    @Test func waitingRequest_isDropped_afterTheLastResponse() {
        var state = state()
        #expect(feed(&state, get + post) == ["GET /a 0"])
        #expect(answered(&state, keepAlive: false, now: at(1)) == false)
        #expect(takeWaiting(&state) == nil)
        #expect(state.ending == .shutdown)
    }

    @Test func stream_countsAsAResponse_untilItEnds() {
        var state = state()
        _ = feed(&state, get)
        #expect(began(&state, keepAlive: true) == true)
        // A drain waits for the stream, although its head said that the connection stays.
        state.drain()
        #expect(state.ending == .none && state.wantsRead == false)
        #expect(answered(&state, keepAlive: true, now: at(1)) == false)
        #expect(state.ending == .shutdown)
    }

    @Test func stream_saysClose_whenItIsTheLastResponse() {
        var state = state()
        _ = feed(&state, get)
        #expect(began(&state, keepAlive: false) == false)
        #expect(state.wantsRead == false && state.ending == .none)
        var draining = self.state()
        _ = feed(&draining, get)
        draining.drain()
        #expect(began(&draining, keepAlive: true) == false)
    }

    @Test func reading_pauses_whenTooManyResponsesAreOutstanding() {
        var state = state { $0.maxPipelinedRequests = 2 }
        #expect(feed(&state, get + get + get).count == 2)
        #expect(state.wantsRead == false)
        #expect(answered(&state, keepAlive: true, now: at(1)) == true)
        #expect(state.wantsRead == true)
    }

    @Test func reading_pauses_whileTooMuchOutputWaits() {
        var state = state { $0.maxPendingOutputBytes = 100 }
        state.outputChanged(pending: 101, stalledSince: at(0), now: at(0))
        #expect(state.wantsRead == false)
        #expect(state.deadline == at(30_000))
        state.outputChanged(pending: 100, stalledSince: at(5), now: at(5))
        #expect(state.wantsRead == true)
    }

    @Test func connection_isNotIdle_whileItsClientReadsTheResponse() {
        var state = state()
        _ = feed(&state, get, at: 1_000)
        #expect(answered(&state, keepAlive: true, now: at(1_000)) == true)
        state.outputChanged(pending: 10, stalledSince: at(1_000), now: at(1_000))
        #expect(state.deadline == at(31_000))
        state.outputChanged(pending: 5, stalledSince: at(50_000), now: at(60_000))
        #expect(state.deadline == at(80_000))
        state.outputChanged(pending: 0, stalledSince: nil, now: at(70_000))
        #expect(state.deadline == at(145_000))
    }

    @Test func connection_isClosed_whenItsFirstByteIsLate() {
        var state = state()
        #expect(state.deadline == at(10_000))
        if case .close = state.expired(now: at(10_000)) {} else { Issue.record("not closed") }
    }

    @Test func halfSentHead_isAnswered408_whenItsTimeIsOver() {
        var state = state()
        _ = feed(&state, "GET /", at: 9_000)
        // The time of the first head runs from the start of the connection.
        #expect(state.deadline == at(10_000))
        if case .none = state.expired(now: at(9_999)) {} else { Issue.record("too early") }
        if case .requestTimedOut = state.expired(now: at(10_000)) {} else { Issue.record("not answered") }
        #expect(answered(&state, keepAlive: false, now: at(10_000)) == false)
        if case .shutdown = state.ending {} else { Issue.record("no lingering close") }
    }

    @Test func secondHead_hasItsTimeFromItsFirstByte() {
        var state = state()
        _ = feed(&state, get, at: 1_000)
        #expect(answered(&state, keepAlive: true, now: at(1_000)) == true)
        #expect(state.deadline == at(76_000))
        _ = feed(&state, "GET", at: 20_000)
        #expect(state.deadline == at(30_000))
        _ = feed(&state, " /", at: 29_000)
        #expect(state.deadline == at(30_000))
    }

    @Test func body_getsMoreTime_whenBytesArrive() {
        var state = state()
        _ = feed(&state, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 90000\r\n\r\n", at: 1_000)
        #expect(state.deadline == at(31_000))
        _ = feed(&state, String(repeating: "x", count: 4_000), at: 2_000)
        #expect(state.deadline == at(51_000))
        if case .none = state.expired(now: at(50_999)) {} else { Issue.record("too early") }
        if case .requestTimedOut(_, .rate) = state.expired(now: at(51_000)) {
        } else {
            Issue.record("not cut")
        }
    }

    /// 20 KB at 500 B/s take 40 s, as over a slow link.
    @Test func slowBody_arrivesWhole() {
        var state = state()
        let post = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 20000\r\n\r\n"
        _ = feed(&state, post, at: 0)
        var steps: [String] = []
        for second in 1...40 {
            let now = UInt64(second) * 1_000
            if case .none = state.expired(now: at(now)) {} else { Issue.record("cut after \(second) s") }
            steps += feed(&state, String(repeating: "x", count: 500), at: now)
        }
        #expect(steps == ["POST / 20000"])
    }

    @Test func body_takesAtMost300Seconds() {
        var state = state { $0.limits.bodyBytes = 10_000_000 }
        _ = feed(&state, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9000000\r\n\r\n", at: 1_000)
        for second in UInt64(2)...300 {
            _ = feed(&state, String(repeating: "x", count: 1_000), at: second * 1_000)
        }
        #expect(state.deadline == at(301_000))
        if case .none = state.expired(now: at(300_999)) {} else { Issue.record("too early") }
        if case .requestTimedOut(_, .time) = state.expired(now: at(301_000)) {
        } else {
            Issue.record("not cut")
        }
        #expect(state.body.count == 0, "what is cut is not kept while the connection lingers")
    }

    /// Otherwise a peer could extend the time of its body by reading other responses slowly.
    @Test func timeOfABody_doesNotStartAgain_whenEarlierResponsesLeave() {
        var state = state()
        _ = feed(&state, get + "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n", at: 0)
        #expect(answered(&state, keepAlive: true, now: at(20_000)) == true)
        state.outputChanged(pending: 100_000, stalledSince: at(20_000), now: at(20_000))
        state.outputChanged(pending: 0, stalledSince: nil, now: at(25_000))
        #expect(state.deadline == at(30_000))
    }

    @Test func peer_getsMoreTimeToReadTheLastResponse_whileItGoesOnSending() {
        var state = state()
        #expect(feed(&state, "BAD\r\n\r\n") == ["400"])
        #expect(answered(&state, keepAlive: false, now: at(0)) == false)
        state.lingering(now: at(0))
        state.discarded(1_000, now: at(1_500))
        #expect(state.deadline == at(3_500))
        for second in UInt64(3)...40 { state.discarded(1, now: at(second * 1_000)) }
        #expect(state.deadline == at(30_000))
    }

    @Test func request_isTheLast_whenItSaysClose() {
        var state = state()
        #expect(feed(&state, "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").count == 1)
        #expect(answered(&state, keepAlive: false, now: at(0)) == false)
        if case .close = state.ending {} else { Issue.record("not closed") }
    }

    @Test func connection_waitsForTheClient_whenItSendsMoreAfterClose() {
        var state = state()
        #expect(feed(&state, "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n" + get).count == 1)
        #expect(answered(&state, keepAlive: false, now: at(0)) == false)
        if case .shutdown = state.ending {} else { Issue.record("no lingering close") }
    }

    @Test func errorResponse_isTheLast() {
        var state = state()
        #expect(feed(&state, get + "BAD\r\n\r\n" + get) == ["GET /a 0", "400"])
        #expect(answered(&state, keepAlive: true, now: at(0)) == true)
        if case .none = state.ending {} else { Issue.record("ended before the last response") }
        #expect(answered(&state, keepAlive: false, now: at(0)) == false)
        if case .shutdown = state.ending {} else { Issue.record("no lingering close") }
        state.lingering(now: at(0))
        #expect(state.discardsInput && state.wantsRead && state.deadline == at(2_000))
        state.discarded(2_000_000, now: at(0))
        if case .close = state.ending {} else { Issue.record("drains without a bound") }
    }

    @Test func client_getsItsResponse_whenItIsHalfClosed() {
        var state = state()
        #expect(feed(&state, get).count == 1)
        state.inputEnded(now: at(1))
        #expect(state.wantsRead == false)
        if case .none = state.ending {} else { Issue.record("closed before the response") }
        #expect(answered(&state, keepAlive: true, now: at(2)) == false)
        if case .close = state.ending {} else { Issue.record("not closed") }
    }

    @Test func continue_waitsForEarlierResponses() {
        var state = state()
        let expecting = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
        #expect(feed(&state, get + expecting) == ["GET /a 0"])
        #expect(takeContinue(&state) == false)
        #expect(answered(&state, keepAlive: true, now: at(0)) == true)
        #expect(takeContinue(&state) == true)
        #expect(takeContinue(&state) == false)
        #expect(feed(&state, "abc") == ["POST / 3"])
    }

    @Test func tooLongBody_isRefusedWithoutContinue() {
        var state = state { $0.limits.bodyBytes = 10 }
        let expecting = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n"
        #expect(feed(&state, expecting) == ["413"])
    }

    @Test func bytesAfterAnUpgrade_areNotReadAsHTTP() {
        var state = state()
        let upgrade = "GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
        #expect(feed(&state, upgrade + get) == ["GET / 0"])
        #expect(state.mayConsume == false)
        #expect(answered(&state, keepAlive: true, now: at(0)) == true)
        #expect(state.mayConsume == true)
    }

    @Test func drain_endsAnIdleConnection() {
        var state = state()
        state.drain()
        if case .shutdown = state.ending {} else { Issue.record("no lingering close") }
    }

    @Test func drain_letsARequestArriveAndSaysClose() {
        var state = state()
        _ = feed(&state, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\na")
        state.drain()
        if case .none = state.ending {} else { Issue.record("ended in the middle of a request") }
        #expect(feed(&state, "bc" + get) == ["POST / 3"])
        #expect(answered(&state, keepAlive: true, now: at(0)) == false)
        if case .shutdown = state.ending {} else { Issue.record("not ended") }
    }

    @Test func laterRequests_areDropped_whenAResponseEndsTheConnection() {
        var state = state()
        #expect(feed(&state, get + get).count == 2)
        #expect(answered(&state, keepAlive: false, now: at(0)) == false)
        if case .shutdown = state.ending {} else { Issue.record("waits for nothing") }
    }
}
