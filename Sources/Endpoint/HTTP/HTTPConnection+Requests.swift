internal import EventLoops
internal import HTTP1
internal import HTTPTypes

/// From a request to its response.
extension HTTPConnection {
    // MARK: Requests

    /// Finds the route of a head whose body is not read yet. What the head alone decides is responded to now, instead of
    /// "100 Continue" too, and the body is thrown away as it comes; else the route's body limit holds while it is read.
    func admit(_ head: RequestHead, waits: Bool) {
        let slot = dispatcher.slot(of: head)
        guard case .route(let route) = slot.decision else {
            state.refusedByHead(waiting: waits, now: peerNow)
            return respond(to: dispatcher.request(head, slot, from: peerAddress))
        }
        let limit = route.options.bodyLimit ?? state.rules.limits.bodyBytes
        do {
            guard !head.declaresMore(than: limit) else {
                throw RequestError(.contentTooLarge, "The body is too large.")
            }
            if route.takesBody {
                try route.options.admits?(dispatcher.request(head, slot, from: peerAddress))
            }
        } catch {
            state.refusedByHead(waiting: waits, now: peerNow)
            let request = dispatcher.request(head, slot, from: peerAddress)
            return deliver(dispatcher.reply(to: request, .failure(error)), to: request)
        }
        self.slot = slot
        if route.takesBody {
            if state.admitted(bodyLimit: limit, waiting: waits) { appendContinue() }
        } else if case .request(let head, let body)? = state.handledByHead(waiting: waits, now: peerNow) {
            handle(head, body)
        }
    }

    /// Has a complete request handled.
    func handle(_ head: RequestHead, _ body: [UInt8]) {
        respond(to: dispatcher.request(head, takeSlot(of: head), body: body, from: peerAddress))
    }

    /// Responds to what is no request, as the connection's last response.
    func fail(with error: any Error, of head: RequestHead?) {
        let request =
            if let head {
                dispatcher.request(head, takeSlot(of: head), from: peerAddress, isLast: true)
            } else {
                dispatcher.unreadable(isHead: (error as? RequestError)?.isHead ?? false, from: peerAddress)
            }
        deliver(dispatcher.reply(to: request, .failure(error)), to: request)
    }

    /// What `admit` has found out already, because the body had to come.
    private func takeSlot(of head: RequestHead) -> RouteSlot {
        guard let slot else { return dispatcher.slot(of: head) }
        self.slot = nil
        return slot
    }

    // MARK: Replies

    private func respond(to request: Request) {
        deliver(dispatcher.reply(to: request), to: request)
    }

    /// Writes a reply at once when it is the oldest one and not held, else lets it wait.
    private func deliver(_ reply: Reply, to request: Request) {
        if case .decidedLater(let decide) = reply {
            let deadline = now.advanced(byNanoseconds: state.rules.handlerNanoseconds)
            return run(decide, for: responses.reserve(request, deadline: deadline))
        }
        let heldUntil = hold(reply, to: request)
        guard !responses.isEmpty || heldUntil != nil else { return write(reply, to: request) }
        responses.append(request, reply, heldUntil: heldUntil)
    }

    private func run(_ decide: @escaping @Sendable () async throws -> Reply, for number: UInt64) {
        let connection = LoopBound(self, on: loop)
        let task = loop.task {
            let result: Result<Reply, any Error>
            do {
                result = .success(try await decide())
            } catch {
                result = .failure(error)
            }
            // The preference brings the task back to the loop whatever `decide` awaited.
            connection.value.perform { connection.value.decided(number, result) }
        }
        responses.attach(task, to: number)
    }

    /// A reply that was decided later. Ignored when it is not awaited any more.
    func decided(_ number: UInt64, _ result: Result<Reply, any Error>) {
        guard let request = responses.awaited(number) else { return }
        let reply = dispatcher.reply(to: request, result)
        if case .decidedLater(let decide) = reply { return run(decide, for: number) }
        responses.complete(number, reply, heldUntil: hold(reply, to: request))
    }

    /// Until when a response is held, see `RouteOptions.unauthorizedTick`; nil for nearly all. Comes back then.
    ///
    /// Counted from now and not from the turn's time, which is that of before the work.
    private func hold(_ reply: Reply, to request: Request) -> MonotonicInstant? {
        guard case .now(let response) = reply, response.status.code == 401,
            let tick = request.route?.options.unauthorizedTick
        else { return nil }
        let until = loop.readClock().next(multipleOf: tick.wholeNanoseconds)
        loop.schedule(exactlyAt: until) { [self] in perform {} }
        return until
    }

    // MARK: Writing

    /// Writes the responses whose turn has come, and a "100 Continue" that waited for them.
    ///
    /// While much is unsent they wait as what they are, which is less than their bytes: many may share a body.
    func writeReadyResponses() {
        while state.mayWrite, let (request, reply) = responses.popReady(at: now) { write(reply, to: request) }
        if state.takeContinue(now: peerNow) { appendContinue() }
    }

    private func appendContinue() {
        output.append { $0.append(contentsOf: ResponseEncoder.continueResponse) }
    }

    private func write(_ reply: Reply, to request: Request) {
        let start = output.count
        var keepAlive = true
        let status: HTTPResponse.Status
        switch reply {
        case .now(let response):
            status = response.status
            keepAlive = state.responded(keepAlive: request.keepAlive && !response.saysClose, now: peerNow)
            output.append { writer.append(response, to: request, keepAlive: keepAlive, into: &$0) }
        case .prepared(let prepared):
            status = prepared.status
            keepAlive = state.responded(keepAlive: request.keepAlive, now: peerNow)
            writer.append(prepared, to: request, keepAlive: keepAlive, into: &output)
        case .streamed(let streamed): return begin(streamed, for: request)
        case .upgrade(let upgrade):
            status = .switchingProtocols
            let response = Response(status, fields: upgrade.fields)
            output.append {
                writer.appendHead(of: response, framing: .none, to: request, keepAlive: true, into: &$0)
            }
            self.upgrade = (request, upgrade)
        // `deliver` and `decided` wait for it instead.
        case .decidedLater: return write(.now(Response(.internalServerError)), to: request)
        }
        // Responses that would follow the connection's last one are for nothing.
        if !keepAlive { responses.removeAll() }
        // At once, not at the end of the event: one read holds a thousand requests, and each may ask for much.
        outputChanged()
        dispatcher.finished(request, status, sentBytes: output.count - start)
    }
}
