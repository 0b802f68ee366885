internal import EventLoops
internal import HTTP1
internal import HTTPTypes
internal import Sockets
internal import WebSockets

/// From a request to its answer.
extension HTTPConnection {
    /// Finds the route of a head whose body is not read yet. What the head alone decides is answered now, instead of
    /// "100 Continue" too, and the body is thrown away as it comes; else the route's body limit holds while it is read.
    func admit(_ head: RequestHead, waits: Bool) {
        let routed = home.routed(head)
        guard case .route(let route) = routed.admission else {
            state.refusedByHead(waiting: waits, now: peerNow)
            return run(routed, [])
        }
        let limit = route.options.bodyLimit ?? home.rules.limits.bodyBytes
        guard !head.declaresMore(than: limit) else {
            return refuse(routed, waits, RequestError(.contentTooLarge, "The body is too large."))
        }
        guard route.takesBody else {
            let step = state.handledByHead(waiting: waits, now: peerNow)
            if case .request = step { run(routed, []) } else { self.routed = routed }
            return
        }
        do {
            try route.options.admits?(makeRequest(routed, [], route, isRouted: true))
        } catch {
            return refuse(routed, waits, error)
        }
        self.routed = routed
        if state.admitted(bodyLimit: limit, waiting: waits) {
            output.append { $0.append(contentsOf: ResponseEncoder.continueResponse) }
        }
    }

    /// Answers the head with an error, whatever its body would be.
    private func refuse(_ routed: RoutedHead, _ waits: Bool, _ error: any Error) {
        state.refusedByHead(waiting: waits, now: peerNow)
        let route = routed.admission.route
        finish(error, makeRequest(routed, [], route, isRouted: route != nil))
    }

    /// Runs the handler of a complete request.
    func handle(_ head: consuming RequestHead, _ body: [UInt8]) {
        run(takeRouted(head), body)
    }

    private func run(_ routed: RoutedHead, _ body: [UInt8]) {
        switch routed.admission {
        case .route(let route): run(route, makeRequest(routed, body, route, isRouted: true))
        case .options(let table):
            let request = makeRequest(routed, body, table.routes.first, isRouted: false)
            finish(
                .request(request, isLast: false),
                .response(Response(.noContent, fields: [.allow: table.allowed])))
        case .refused(let error, let route):
            finish(error, makeRequest(routed, body, route, isRouted: false))
        }
    }

    private func run(_ route: Route, _ request: Request) {
        home.loop.begins(route.work)
        do {
            answer(.request(request, isLast: false), try route.handler(request))
        } catch {
            finish(error, request)
        }
    }

    /// Answers what is no request, as the connection's last answer.
    func fail(with error: any Error, of head: RequestHead?) {
        if let head {
            let routed = takeRouted(head)
            let request = makeRequest(routed, [], routed.admission.route, isRouted: false)
            return finish(
                .request(request, isLast: true), .response(home.response(to: error, for: request)))
        }
        let failed = FailedExchange(
            at: now, requestID: home.newRequestID(), remoteAddress: peerAddress,
            isHead: (error as? RequestError)?.isHead ?? false)
        finish(.failed(failed), .response(home.response(to: error, requestID: failed.requestID.text)))
    }

    private func finish(_ error: any Error, _ request: Request) {
        finish(.request(request, isLast: false), .response(home.response(to: error, for: request)))
    }

    /// The head that `admit` has routed already, because its body had to come.
    private func takeRouted(_ head: RequestHead) -> RoutedHead {
        guard let routed else { return home.routed(head) }
        self.routed = nil
        return routed
    }

    private func makeRequest(
        _ routed: RoutedHead, _ body: [UInt8], _ route: Route?, isRouted: Bool
    ) -> Request {
        let client = home.clientAddress(peerAddress, routed.head)
        return Request(
            head: routed.head, body: body, remoteAddress: client,
            isFromTrustedProxy: home.isTrustedProxy(peerAddress),
            id: routed.givenID ?? home.newRequestID(), receivedAt: now, loop: home.loop, route: route,
            isRouted: isRouted)
    }

    private func answer(_ exchange: Exchange, _ reply: Reply) {
        switch reply {
        case .later(let work): start(exchange) { .now(try await work()) }
        case .decidedLater(let work): start(exchange, work)
        case .now, .prepared, .streamed, .upgrade: finish(exchange, ready(reply, exchange))
        }
    }

    private func start(_ exchange: Exchange, _ work: @escaping @Sendable () async throws -> Reply) {
        let deadline = now.advanced(by: home.configuration.timeouts.handler)
        let number = answers.reserve(exchange, deadline: deadline)
        let connection = LoopBound(self, on: home.loop)
        answers.attach(home.loop.task { await Self.run(work, number, for: connection) }, to: number)
    }

    private static func run(
        _ work: @Sendable () async throws -> Reply, _ number: UInt64,
        for connection: LoopBound<HTTPConnection>
    ) async {
        let result: Result<Reply, any Error>
        do {
            result = .success(try await settled(work))
        } catch {
            result = .failure(error)
        }
        // The preference brings the task back to the loop whatever `work` awaited.
        connection.value.handlerEnded(number, result)
    }

    /// Waits until the reply is one that needs no more waiting.
    private static func settled(_ work: @Sendable () async throws -> Reply) async throws -> Reply {
        var reply = try await work()
        while true {
            switch reply {
            case .later(let next): reply = .now(try await next())
            case .decidedLater(let next): reply = try await next()
            case .now, .prepared, .streamed, .upgrade: return reply
            }
        }
    }

    /// Takes the result of a handler that answered later, unless its answer is not awaited any more.
    func completed(_ number: UInt64, _ result: Result<Reply, any Error>) {
        guard let exchange = answers.awaited(number), let request = exchange.request else { return }
        // What its task did on the loop before it ended counts as well.
        if let route = request.route { home.loop.begins(route.work) }
        switch result {
        case .success(let reply): complete(number, exchange, ready(reply, exchange))
        case .failure(let error):
            complete(number, exchange, .response(home.response(to: error, for: request)))
        }
    }

    private func complete(_ number: UInt64, _ exchange: Exchange, _ answer: Answer) {
        answers.complete(number, answer, heldUntil: hold(answer, to: exchange))
    }

    /// Turns a reply that needs no waiting into what is written.
    private func ready(_ reply: Reply, _ exchange: Exchange) -> Answer {
        guard let request = exchange.request else { return .response(Response(.internalServerError)) }
        switch reply {
        case .prepared(let prepared): return .prepared(prepared)
        case .now(var response):
            home.complete(&response, request)
            return .response(response)
        case .streamed(var streamed):
            home.complete(&streamed.head, request)
            return .streamed(streamed)
        case .upgrade(var upgrade):
            do throws(EndpointError) {
                let accept = try upgrade.answer(request.head)
                return .upgrade(upgrade, accept: accept)
            } catch {
                return .response(home.response(to: error, for: request))
            }
        case .later, .decidedLater:
            preconditionFailure("an answer that comes later is not ready")
        }
    }

    // MARK: Writing

    /// Writes an answer at once when it is the oldest one and not held, else lets it wait.
    private func finish(_ exchange: Exchange, _ answer: Answer) {
        let heldUntil = hold(answer, to: exchange)
        guard !answers.isEmpty || heldUntil != nil else { return write(exchange, answer) }
        answers.append(exchange, answer, heldUntil: heldUntil)
    }

    /// Until when an answer is held, see `RouteOptions.unauthorizedTick`; nil for nearly all. Comes back then.
    ///
    /// Counted from now and not from the turn's time, which is that of before the work.
    private func hold(_ answer: Answer, to exchange: Exchange) -> MonotonicInstant? {
        guard case .response(let response) = answer, response.status.code == 401,
            let tick = exchange.request?.route?.options.unauthorizedTick
        else { return nil }
        let until = MonotonicInstant.read().next(multipleOf: tick.wholeNanoseconds)
        home.loop.schedule(exactlyAt: until) { [self] in perform {} }
        return until
    }

    /// Writes the answers whose turn has come, and a "100 Continue" that waited for them.
    ///
    /// While much is unsent they wait as what they are, which is less than their bytes: many may share a body.
    func writeReadyAnswers() {
        while state.mayWrite, let (exchange, answer) = answers.popReady(at: now) { write(exchange, answer) }
        if state.takeContinue(now: peerNow) {
            output.append { $0.append(contentsOf: ResponseEncoder.continueResponse) }
        }
    }

    private func write(_ exchange: Exchange, _ answer: Answer) {
        let start = output.count
        var keepAlive = true
        let status: HTTPResponse.Status
        switch answer {
        case .response(let response):
            status = response.status
            home.startLines(exchange.requestID)
            keepAlive = state.answered(keepAlive: exchange.keepAlive && !response.saysClose, now: peerNow)
            output.append { bytes in
                home.lines.append(
                    response, version: exchange.version, keepAlive: keepAlive, withBody: !exchange.isHead,
                    to: &bytes)
            }
        case .prepared(let prepared):
            status = prepared.status
            keepAlive = state.answered(keepAlive: exchange.keepAlive, now: peerNow)
            prepared.append(
                version: exchange.version, keepAlive: keepAlive, withBody: !exchange.isHead, to: &output
            ) { home.start(prepared, exchange.requestID, in: &$0) }
        case .streamed(let streamed): return begin(exchange, streamed)
        case .upgrade(let upgrade, let accept):
            status = .switchingProtocols
            home.startLines(exchange.requestID)
            output.append {
                home.lines.appendSwitchingProtocols(accept: accept, fields: upgrade.fields, to: &$0)
            }
            self.upgrade = (exchange, upgrade)
        }
        // Answers that would follow the connection's last one are for nobody.
        if !keepAlive { answers.removeAll() }
        // At once, not at the end of the event: one read holds a thousand requests, and each may ask for much.
        outputChanged()
        home.finished(exchange, status, sentBytes: output.count - start)
    }
}

extension Response {
    /// Whether the handler wants the connection to end.
    var saysClose: Bool { fields[.connection]?.lowercased() == "close" }
}
