internal import EventLoops
internal import HTTP1
internal import HTTPTypes
internal import Sockets
internal import WebSockets

/// From a request to its answer.
extension HTTPConnection {
    /// Finds the route of a head, so that the route's body limit holds while the body is read.
    func admit(_ head: RequestHead, waits: Bool) {
        let admission = home.admission(of: head)
        if waits, case .refused(let refusal, let route) = admission {
            // The client has not sent the body: it gets the refusal instead of "100 Continue".
            state.refused()
            return refuse(refusal, makeRequest(head, [], route))
        }
        self.admission = admission
        if state.admitted(bodyLimit: admission.route?.options.bodyLimit, waiting: waits) {
            output.append { $0.append(contentsOf: ResponseEncoder.continueResponse) }
        }
    }

    /// Runs middleware and handler of a complete request.
    func handle(_ head: consuming RequestHead, _ body: [UInt8]) {
        let admission = self.admission ?? home.admission(of: head)
        self.admission = nil
        let request = makeRequest(head, body, admission.route)
        switch admission {
        case .route(let route): run(route, request)
        case .options(let table):
            finish(Exchange(request), .response(Response(.noContent, fields: [.allow: table.allowed])))
        case .refused(let error, _): refuse(error, request)
        }
    }

    private func run(_ route: Route, _ request: Request) {
        do {
            answer(Exchange(request), try reply(to: request, by: route))
        } catch {
            finish(Exchange(request), .response(home.response(to: error, for: request)))
        }
    }

    /// Answers what is no request, as the connection's last answer.
    func fail(with error: any Error, of head: RequestHead?) {
        if let head {
            let request = makeRequest(head, [], admission?.route)
            admission = nil
            return finish(Exchange(request, isLast: true), .response(home.response(to: error, for: request)))
        }
        let exchange = Exchange(failedAt: now, requestID: home.newRequestID(), remoteAddress: peerAddress)
        finish(exchange, .response(home.response(to: error, requestID: exchange.requestID)))
    }

    private func refuse(_ refusal: EndpointError, _ request: Request) {
        finish(Exchange(request), .response(home.response(to: refusal, for: request)))
    }

    private func makeRequest(_ head: consuming RequestHead, _ body: [UInt8], _ route: Route?) -> Request {
        let client = home.clientAddress(peerAddress, head)
        let requestID = home.requestID(of: head)
        return Request(
            head: head, body: body, remoteAddress: client, requestID: requestID, receivedAt: now,
            loop: home.loop, route: route)
    }

    private func reply(to request: Request, by route: Route) throws -> Reply {
        for middleware in home.middleware {
            if let response = try middleware.before(request) { return .now(response) }
        }
        return try route.handler(request)
    }

    private func answer(_ exchange: Exchange, _ reply: Reply) {
        switch reply {
        case .later(let work): start(exchange) { .now(try await work()) }
        case .decidedLater(let work): start(exchange, work)
        case .now, .prepared, .upgrade: finish(exchange, ready(reply, exchange))
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
            case .now, .prepared, .upgrade: return reply
            }
        }
    }

    /// Takes the result of a handler that answered later, unless its answer is not awaited any more.
    func completed(_ number: UInt64, _ result: Result<Reply, any Error>) {
        guard let exchange = answers.awaited(number), let request = exchange.request else { return }
        switch result {
        case .success(let reply): answers.complete(number, ready(reply, exchange))
        case .failure(let error): answers.complete(number, .response(home.response(to: error, for: request)))
        }
    }

    /// Turns a reply that needs no waiting into what is written.
    private func ready(_ reply: Reply, _ exchange: Exchange) -> Answer {
        guard let request = exchange.request else { return .response(Response(.internalServerError)) }
        switch reply {
        case .prepared(let prepared): return .prepared(prepared)
        case .now(var response):
            home.complete(&response, request)
            return .response(response)
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

    /// Writes an answer at once when it is the oldest one, else lets it wait for its turn.
    private func finish(_ exchange: Exchange, _ answer: Answer) {
        if answers.isEmpty { write(exchange, answer) } else { answers.append(exchange, answer) }
    }

    /// Writes the answers whose turn has come, and a "100 Continue" that waited for them.
    ///
    /// While much is unsent they wait as what they are, which is less than their bytes: many may share a body.
    func writeReadyAnswers() {
        while state.mayWrite, let (exchange, answer) = answers.popReady() { write(exchange, answer) }
        if state.takeContinue() { output.append { $0.append(contentsOf: ResponseEncoder.continueResponse) } }
    }

    private func write(_ exchange: Exchange, _ answer: Answer) {
        let start = output.count
        var keepAlive = true
        let status: HTTPResponse.Status
        switch answer {
        case .response(let response):
            status = response.status
            home.startLines(exchange.requestID)
            keepAlive = state.answered(keepAlive: exchange.keepAlive && !response.saysClose, now: now)
            output.append { bytes in
                home.lines.append(
                    response, version: exchange.version, keepAlive: keepAlive, withBody: !exchange.isHead,
                    to: &bytes)
            }
        case .prepared(let prepared):
            status = prepared.status
            keepAlive = state.answered(keepAlive: exchange.keepAlive, now: now)
            prepared.append(
                date: home.dateLine, requestID: exchange.requestID, version: exchange.version,
                keepAlive: keepAlive, withBody: !exchange.isHead, to: &output)
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
    fileprivate var saysClose: Bool { fields[.connection]?.lowercased() == "close" }
}
