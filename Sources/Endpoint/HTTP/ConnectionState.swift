internal import EventLoops
internal import HTTP1

/// Decides what an HTTP/1.1 connection does next, without a socket or a clock.
///
/// Its input is bytes and the time. Its output is requests and errors, and whether to read, wait or close. The driver
/// calls `next` until it returns nil, reports each response with `responded`, and checks `ending` after every event.
///
/// It is not copyable, so that a call never copies its content.
struct ConnectionState: ~Copyable {
    /// What the driver must do next with the input.
    enum Step {
        /// A head is complete and a body follows: find the route and call `admitted`, `refusedByHead` or
        /// `handledByHead`.
        case admit(RequestHead)
        /// A request is complete: handle it and call `responded` once, when its response is written.
        case request(RequestHead, body: [UInt8])
        /// The input is not a valid request: respond with the error, as the connection's last response. If only the
        /// body was wrong, the head is included.
        case failed(RequestError, RequestHead?)
    }

    /// Next: `requests` → `held`, `finished`; `held` → `requests`, `finished`; `finished` → `lingering`;
    /// `lingering` is last.
    enum Phase: Equatable {
        /// Requests are read.
        case requests
        /// A request for another protocol has no response yet. The bytes after it may not be HTTP, so they
        /// are not read.
        case held
        /// No further request is read.
        case finished
        /// Our direction is shut down, and further input is thrown away.
        case lingering(until: MonotonicInstant, atMost: MonotonicInstant)
    }

    /// What to do with the socket next.
    enum Ending {
        case none
        /// Shut down our direction and call `lingering`.
        case shutdown
        case close
    }

    /// What to do when the timer has fired.
    enum Expiry {
        case none
        /// Close without a response.
        case close
        /// Respond 408, as the connection's last response. If the body was late, the head and the reason are included.
        case requestTimedOut(RequestHead?, BodyEnd?)
    }

    /// The longest body that is read and thrown away after its head alone has decided the response, in bytes. After a
    /// longer one the connection closes (RFC 9112 section 9.6).
    static let discardedBodyBytes = 65_536

    /// The most bytes that a peer may send while we linger. After more the connection closes.
    static let lingerBytes = 1_048_576

    let rules: ConnectionRules
    var parser: RequestParser
    var phase = Phase.requests
    /// The head of the request whose body is awaited.
    private(set) var head: RequestHead?
    var body = ReceivedBody()
    /// How many more bytes of a body may arrive and be thrown away, because its head alone has decided the response;
    /// nil when no body is thrown away.
    var discarding: Int?
    /// The number of requests whose response is not written.
    var outstanding = 0
    /// Whether a request that may change something is outstanding. It is then the only one, or it waits in `waiting`.
    private var isAlone = false
    private var waiting: (RequestHead, body: [UInt8])?
    var pendingOutput = 0
    var stalledSince: MonotonicInstant?
    var inputEnded = false
    var lingers = false
    var lingered = 0
    var owesContinue = false
    var isDraining = false
    /// When the current head, body or pause began. It is not reset while a body arrives, or a peer could extend the
    /// body's time by the way it reads other responses.
    var since: MonotonicInstant
    /// Whether no request has arrived yet. The time limit for the first head begins with the connection.
    var isFresh = true

    /// - Parameter headPlace: where in the cache to look first for the first head.
    init(_ rules: ConnectionRules, now: MonotonicInstant, headPlace: UInt8 = 0) {
        self.rules = rules
        parser = RequestParser(headPlace: headPlace)
        since = now
    }

    // MARK: Input

    /// Whether `next` may be called with more bytes. The driver keeps bytes that may not be consumed yet.
    var mayConsume: Bool {
        mayTakeMore && !isAlone
    }

    /// Whether the driver keeps bytes that may not be consumed yet.
    var hasUnread = false

    /// Whether a queued response may be written. If too much output is unsent, it must wait.
    var mayWrite: Bool { pendingOutput <= rules.maxPendingOutput }

    /// Whether the socket must be read.
    ///
    /// It is also read while a request is alone, although nothing may be consumed then. Most clients send nothing
    /// before they have the response, so turning reading off and on would be wasted. If something does arrive, the
    /// driver keeps it and stops reading.
    var wantsRead: Bool {
        if case .lingering = phase { return !inputEnded }
        return mayTakeMore && !inputEnded
    }

    private var mayTakeMore: Bool { phase == .requests && outstanding < rules.maxOutstanding && mayWrite }

    /// Whether input must be thrown away.
    var discardsInput: Bool {
        switch phase {
        case .requests, .held: false
        case .finished, .lingering: true
        }
    }

    /// Consumes bytes from `offset` on until there is a step for the driver. Returns nil when all bytes are consumed,
    /// or when no more may be consumed.
    /// - Parameter cache: the heads that arrived before on connections with the same configuration.
    mutating func next(
        _ input: Span<UInt8>, _ offset: inout Int, now: MonotonicInstant, cache: inout HeadCache
    ) -> Step? {
        while mayConsume {
            let wasIdle = parser.isIdle
            do throws(RequestError) {
                guard let event = try parser.next(input, &offset, limits: rules.limits, cache: &cache) else {
                    if wasIdle, !parser.isIdle, !isFresh { since = now }
                    return nil
                }
                if let step = handle(event, input, now) { return step }
            } catch {
                finish(lingering: true)
                // The request of that body has its response already.
                guard discarding == nil else { break }
                outstanding += 1
                return .failed(error, takeHead())
            }
        }
        // With unread input a close would be a reset, which may destroy the response (RFC 9112 section 9.6).
        if phase == .finished, offset < input.count { lingers = true }
        return nil
    }

    private mutating func handle(_ event: RequestEvent, _ input: Span<UInt8>, _ now: MonotonicInstant)
        -> Step?
    {
        switch event {
        case .head(let head):
            self.head = head
            since = now
            return head.hasBody ? .admit(head) : nil
        case .request(let head):
            self.head = head
            return complete(now)
        case .body(let range):
            guard let left = discarding else {
                body.append(copying: input.extracting(range))
                return nil
            }
            discarding = left - range.count
            if range.count > left { finish(lingering: true) }
            return nil
        case .end:
            guard discarding == nil else {
                discarding = nil
                since = now
                return nil
            }
            return complete(now)
        }
    }

    private mutating func complete(_ now: MonotonicInstant) -> Step? {
        let body = self.body.take()
        guard let head = takeHead() else { return nil }
        becameOutstanding(now)
        if head.upgradesToWebSocket {
            phase = .held
        } else if !head.keepAlive {
            phase = .finished
        } else if isDraining {
            finish(lingering: true)
        }
        return requestOrWait(head, body: body)
    }

    /// A request needs no more input. From now on its response is outstanding.
    private mutating func becameOutstanding(_ now: MonotonicInstant) {
        outstanding += 1
        owesContinue = false
        isFresh = false
        since = now
    }

    private mutating func requestOrWait(_ head: RequestHead, body: [UInt8]) -> Step? {
        isAlone = !head.isSafe
        guard !isAlone || outstanding == 1 else {
            waiting = (head, body)
            return nil
        }
        return .request(head, body: body)
    }

    /// Takes the request that had to wait for the responses before it, once they are written.
    ///
    /// Only safe requests may overlap with others of their connection (RFC 9112 section 9.3.2). So a request
    /// after a change sees the change, a request before it does not, and nothing changes after the
    /// connection's last response.
    mutating func takeWaiting() -> (RequestHead, body: [UInt8])? {
        guard mayTakeWaiting else { return nil }
        defer { waiting = nil }
        return waiting
    }

    /// Whether `takeWaiting` would return a request.
    var mayTakeWaiting: Bool { outstanding == 1 && waiting != nil && mayWrite }

    /// The head has a route whose handler needs the body.
    /// - Parameters:
    ///   - bodyLimit: the route's own limit, in bytes.
    ///   - waiting: whether the client waits for 100 before it sends the body, and none of the body is here.
    /// - Returns: whether to write "100 Continue" now. While earlier responses are outstanding it must wait for them,
    ///   see `takeContinue`.
    mutating func admitted(bodyLimit: Int?, waiting: Bool) -> Bool {
        if let bodyLimit { parser.limitBody(to: bodyLimit) }
        // The parser is about to refuse a body that is declared too long, so the client must not be asked to send it.
        guard waiting, head?.declaresMore(than: bodyLimit ?? rules.limits.bodyBytes) != true else {
            return false
        }
        owesContinue = outstanding > 0
        return !owesContinue
    }

    /// The head alone has decided the response, which is outstanding now. The body is thrown away as it arrives.
    ///
    /// The connection closes after the response if the body is too long to be thrown away. It also closes if the client
    /// waits for 100: such a client may or may not send the body, so the next bytes could be the body or a request.
    /// - Parameter waiting: as for `admitted`.
    mutating func refusedByHead(waiting: Bool, now: MonotonicInstant) {
        guard let head = takeHead() else { return }
        discardBody(of: head, waiting: waiting, now)
    }

    /// As `refusedByHead`, for a request that is handled without its body.
    /// - Returns: the request; nil when it must wait, see `takeWaiting`.
    mutating func handledByHead(waiting: Bool, now: MonotonicInstant) -> Step? {
        guard let head = takeHead() else { return nil }
        discardBody(of: head, waiting: waiting, now)
        if head.upgradesToWebSocket, phase == .requests { phase = .held }
        return requestOrWait(head, body: [])
    }

    private mutating func discardBody(of head: RequestHead, waiting: Bool, _ now: MonotonicInstant) {
        becameOutstanding(now)
        discarding = Self.discardedBodyBytes
        // The route's limit applies only to bodies that are kept.
        parser.limitBody(to: .max)
        guard waiting || !head.keepAlive || isDraining || head.declaresMore(than: Self.discardedBodyBytes)
        else { return }
        finish(lingering: true)
    }

    /// The connection is refused before anything is read. Its first response is its last one.
    mutating func refused() {
        outstanding += 1
        finish(lingering: true)
    }

    /// Ends what is being received. The connection ends after the outstanding responses.
    /// - Returns: `requestTimedOut` if a request is cut, which needs a response; else `none`.
    mutating func cut() -> Expiry {
        let head = takeHead()
        let isRequest = head != nil || (!parser.isIdle && discarding == nil)
        finish(lingering: true)
        guard isRequest else { return .none }
        outstanding += 1
        return .requestTimedOut(head, nil)
    }

    /// The bytes of the incomplete request. `heldBytes` is the memory that they take.
    var incompleteBytes: Int { body.count + parser.headBytes }
    var heldBytes: Int { body.heldBytes + parser.headBytes }

    /// Returns true once when a delayed "100 Continue" is due.
    mutating func takeContinue(now: MonotonicInstant) -> Bool {
        guard owesContinue, outstanding == 0 else { return false }
        owesContinue = false
        since = now
        return true
    }

    /// Whether the body that is being received is, or will be, longer than this.
    func isBodyLonger(than bytes: Int) -> Bool {
        body.count > bytes || head?.declaresMore(than: bytes) == true
    }

    mutating func inputEnded(now: MonotonicInstant) {
        inputEnded = true
        // The rest of the body will not arrive.
        body.removeAll()
        if phase == .requests { phase = .finished }
    }

    /// Input was thrown away while we linger. A peer that is still sending has not read our response, so it gets more
    /// time (RFC 9112 section 9.6), up to `EndpointTimeouts.lingerTotal`.
    mutating func discarded(_ bytes: Int, now: MonotonicInstant) {
        lingered += bytes
        guard case .lingering(_, let atMost) = phase else { return }
        phase = .lingering(
            until: min(now.advanced(byNanoseconds: rules.lingerNanoseconds), atMost), atMost: atMost)
    }

    // MARK: Output

    /// The response to the oldest request is being written.
    /// - Returns: whether the connection stays open after it.
    mutating func responded(keepAlive: Bool, now: MonotonicInstant) -> Bool {
        outstanding = keepAlive ? outstanding - 1 : 0
        if outstanding == 0 {
            isAlone = false
            waiting = nil
        }
        if !awaitsBody { since = now }
        if !keepAlive, phase != .finished { finish(lingering: true) }
        if phase == .held, outstanding == 0 { phase = .requests }
        if phase == .requests, inputEnded || (isDraining && !isReceiving) { finish(lingering: true) }
        return keepAlive && !(phase == .finished && outstanding == 0)
    }

    /// The head of the oldest response is being written. Its body is streamed; the driver calls `responded` at its end.
    /// - Returns: whether the connection stays open after the response, as far as is known now.
    mutating func streamBegan(keepAlive: Bool) -> Bool {
        if phase == .requests, !keepAlive || inputEnded || (isDraining && !isReceiving) {
            finish(lingering: true)
        }
        return keepAlive && !(phase == .finished && outstanding == 1)
    }

    mutating func outputChanged(pending: Int, stalledSince: MonotonicInstant?, now: MonotonicInstant) {
        // Input was not read while too much output was unsent, so that time does not count against the peer.
        if pendingOutput > rules.maxPendingOutput, pending <= rules.maxPendingOutput, !awaitsBody {
            since = now
        }
        if pendingOutput > 0, pending == 0, parser.isIdle, head == nil { since = now }
        pendingOutput = pending
        self.stalledSince = stalledSince
    }

    mutating func takeHead() -> RequestHead? {
        defer { head = nil }
        return head
    }
}

extension RequestHead {
    /// Whether a body follows the head.
    fileprivate var hasBody: Bool { bodyFraming != .none && bodyFraming != .length(0) }

    /// Whether the head declares a body of more than `bytes` bytes.
    func declaresMore(than bytes: Int) -> Bool {
        guard case .length(let length) = bodyFraming else { return false }
        return length > bytes
    }
}
