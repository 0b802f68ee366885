internal import EventLoops
internal import HTTP1

/// What an HTTP/1.1 connection does next, decided without a socket or a clock.
///
/// Bytes and the instant go in; requests, refusals and the wish to read, to wait or to close come out. The driver
/// calls `next` until it returns nil, tells each response by `responded`, and asks `ending` after every event.
///
/// Not copyable, so that asking it something never copies what it holds.
struct ConnectionState: ~Copyable {
    /// What the bytes made of the connection.
    enum Step {
        /// A head is complete and a body follows: find the route and call `admitted`, `refusedByHead` or
        /// `handledByHead`.
        case admit(RequestHead)
        /// A request is complete: handle it and call `responded` once, when its response is written.
        case request(RequestHead, body: [UInt8])
        /// What arrived is no request: respond with the error, as the connection's last response. With the head, when
        /// it was the body that was wrong.
        case failed(RequestError, RequestHead?)
    }

    /// Next: `requests` → `held`, `finished`; `held` → `requests`, `finished`; `finished` → `lingering`;
    /// `lingering` is last.
    enum Phase: Equatable {
        /// Requests are read.
        case requests
        /// A request that asks for another protocol has no response yet: what follows may not be HTTP.
        case held
        /// No further request is read.
        case finished
        /// Our direction is ended, and what still comes is thrown away.
        case lingering(until: MonotonicInstant, atMost: MonotonicInstant)
    }

    /// What is left to do with the socket.
    enum Ending {
        case none
        /// End our direction and call `lingering`.
        case shutdown
        case close
    }

    /// What a timer that fired means.
    enum Expiry {
        case none
        /// Close without a response.
        case close
        /// Respond 408, as the connection's last response; with the head, when it was the body that was late, and why.
        case requestTimedOut(RequestHead?, BodyEnd?)
    }

    /// The most of a body that is read and thrown away behind a response that its head alone has decided, in bytes.
    /// Behind a longer one the connection closes (RFC 9112 section 9.6).
    static let discardedBodyBytes = 65_536

    /// What a peer may send while we linger. More is not drained: it had its chance to read.
    static let lingerBytes = 1_048_576

    let rules: ConnectionRules
    var parser: RequestParser
    var phase = Phase.requests
    /// Of the request whose body is awaited.
    private(set) var head: RequestHead?
    var body = ReceivedBody()
    /// What may still come of a body that is thrown away, because its request has its response; nil without one.
    var discarding: Int?
    /// Requests whose response is not written.
    var outstanding = 0
    /// A request that may change something is outstanding; it is the only one then, or it waits to be.
    private var isAlone = false
    private var waiting: (RequestHead, body: [UInt8])?
    var pendingOutput = 0
    var stalledSince: MonotonicInstant?
    var inputEnded = false
    var lingers = false
    var lingered = 0
    var owesContinue = false
    var isDraining = false
    /// Since when the current head, body or silence lasts. A body's is never set anew, or its peer could make it last
    /// by the way that it takes other responses.
    var since: MonotonicInstant
    /// The first request of a connection has to come as fast as any head.
    var isFresh = true

    /// - Parameter headPlace: where the cache may know its first head.
    init(_ rules: ConnectionRules, now: MonotonicInstant, headPlace: UInt8 = 0) {
        self.rules = rules
        parser = RequestParser(headPlace: headPlace)
        since = now
    }

    // MARK: Input

    /// Whether bytes may be given to `next`; what is not given is kept by the driver.
    var mayConsume: Bool {
        mayTakeMore && !isAlone
    }

    /// Whether the driver keeps bytes that may not be consumed yet.
    var hasUnread = false

    /// Whether a response that waited for its turn may be written; else it waits until less is unsent.
    var mayWrite: Bool { pendingOutput <= rules.maxPendingOutput }

    /// Whether the socket is to be read.
    ///
    /// Also while a request is alone, though nothing may be consumed: most clients wait for the response, and reading
    /// would be turned off and on for nothing. The driver keeps what comes nevertheless, and reads no more then.
    var wantsRead: Bool {
        if case .lingering = phase { return !inputEnded }
        return mayTakeMore && !inputEnded
    }

    private var mayTakeMore: Bool { phase == .requests && outstanding < rules.maxOutstanding && mayWrite }

    /// Whether what arrives is to be thrown away.
    var discardsInput: Bool {
        switch phase {
        case .requests, .held: false
        case .finished, .lingering: true
        }
    }

    /// Consumes bytes from `offset` on until something is to be done. Nil: all is consumed, or no more may be.
    /// - Parameter cache: the heads that came before on connections with the same configuration.
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
        // A close would be a reset now, and might take the response with it (RFC 9112 section 9.6).
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
        owed(now)
        if head.upgradesToWebSocket {
            phase = .held
        } else if !head.keepAlive {
            phase = .finished
        } else if isDraining {
            finish(lingering: true)
        }
        return whenItsTurn(head, body: body)
    }

    /// A request needs no more of its peer than to take the response.
    private mutating func owed(_ now: MonotonicInstant) {
        outstanding += 1
        owesContinue = false
        isFresh = false
        since = now
    }

    private mutating func whenItsTurn(_ head: RequestHead, body: [UInt8]) -> Step? {
        isAlone = !head.isSafe
        guard !isAlone || outstanding == 1 else {
            waiting = (head, body)
            return nil
        }
        return .request(head, body: body)
    }

    /// The request that had to wait for the responses before it, once they are written.
    ///
    /// Only requests that change nothing overlap with others of their connection (RFC 9112 section 9.3.2): what follows a
    /// change sees it, what comes before does not, and no change happens behind a connection's last response.
    mutating func takeWaiting() -> (RequestHead, body: [UInt8])? {
        guard mayTakeWaiting else { return nil }
        defer { waiting = nil }
        return waiting
    }

    /// Whether `takeWaiting` has one.
    var mayTakeWaiting: Bool { outstanding == 1 && waiting != nil && mayWrite }

    /// The head has a route, or a response that can wait for the body.
    /// - Parameters:
    ///   - bodyLimit: the route's own, in bytes.
    ///   - waiting: whether the client waits for 100 before it sends the body, and none of it is here.
    /// - Returns: whether to write "100 Continue" now. While earlier responses are outstanding it has to wait for
    ///   them, see `takeContinue`.
    mutating func admitted(bodyLimit: Int?, waiting: Bool) -> Bool {
        if let bodyLimit { parser.limitBody(to: bodyLimit) }
        // A body declared too long is refused by the parser next, and must not be asked for.
        guard waiting, head?.declaresMore(than: bodyLimit ?? rules.limits.bodyBytes) != true else {
            return false
        }
        owesContinue = outstanding > 0
        return !owesContinue
    }

    /// The head alone has decided the response, which is owed now; its body is thrown away as it comes.
    ///
    /// The response is the connection's last one when that body is too long to be thrown away, or when the client
    /// waits for 100: it may or may not send the body then, and the next bytes could be either.
    /// - Parameter waiting: as for `admitted`.
    mutating func refusedByHead(waiting: Bool, now: MonotonicInstant) {
        guard let head = takeHead() else { return }
        discardBody(of: head, waiting: waiting, now)
    }

    /// As `refusedByHead`, for a request that is handled without its body.
    /// - Returns: the request; nil when it has to wait, see `takeWaiting`.
    mutating func handledByHead(waiting: Bool, now: MonotonicInstant) -> Step? {
        guard let head = takeHead() else { return nil }
        discardBody(of: head, waiting: waiting, now)
        if head.upgradesToWebSocket, phase == .requests { phase = .held }
        return whenItsTurn(head, body: [])
    }

    private mutating func discardBody(of head: RequestHead, waiting: Bool, _ now: MonotonicInstant) {
        owed(now)
        discarding = Self.discardedBodyBytes
        // The route's limit is for bodies that are kept.
        parser.limitBody(to: .max)
        guard waiting || !head.keepAlive || isDraining || head.declaresMore(than: Self.discardedBodyBytes)
        else { return }
        finish(lingering: true)
    }

    /// The connection is refused before anything is read: a response is owed, and it is the last one.
    mutating func refused() {
        outstanding += 1
        finish(lingering: true)
    }

    /// What is being received has to end, and the connection with it, after the responses that are owed.
    /// - Returns: whether one is owed for what is cut.
    mutating func cut() -> Expiry {
        let head = takeHead()
        let isRequest = head != nil || (!parser.isIdle && discarding == nil)
        finish(lingering: true)
        guard isRequest else { return .none }
        outstanding += 1
        return .requestTimedOut(head, nil)
    }

    /// The bytes of a request that is not complete, and the memory that they take.
    var incompleteBytes: Int { body.count + parser.headBytes }
    var heldBytes: Int { body.heldBytes + parser.headBytes }

    /// Says once that a put-off "100 Continue" is due.
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
        // The rest of a body does not come any more.
        body.removeAll()
        if phase == .requests { phase = .finished }
    }

    /// What came while we linger was thrown away. A peer that is still sending has not read our response: it gets more
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

    /// The head of the oldest response is being written; its body comes by and by, and then `responded`.
    /// - Returns: whether the connection stays open after it, as far as one can know.
    mutating func streamBegan(keepAlive: Bool) -> Bool {
        if phase == .requests, !keepAlive || inputEnded || (isDraining && !isReceiving) {
            finish(lingering: true)
        }
        return keepAlive && !(phase == .finished && outstanding == 1)
    }

    mutating func outputChanged(pending: Int, stalledSince: MonotonicInstant?, now: MonotonicInstant) {
        // What was not read while output was blocked did not come late.
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
    /// Whether bytes follow that belong to the request.
    fileprivate var hasBody: Bool { bodyFraming != .none && bodyFraming != .length(0) }

    /// Whether it announces a body longer than this.
    func declaresMore(than bytes: Int) -> Bool {
        guard case .length(let length) = bodyFraming else { return false }
        return length > bytes
    }
}
