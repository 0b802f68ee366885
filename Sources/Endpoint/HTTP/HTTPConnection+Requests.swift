internal import EventLoops
internal import HTTP1
internal import HTTPTypes

/// How a connection handles its requests and writes their responses.
extension HTTPConnection {
    // MARK: Requests

    /// Finds the route of a head whose body is not read yet. If the head alone decides the response, it is sent now,
    /// also in place of "100 Continue", and the body is thrown away as it arrives. Otherwise the route's body limit
    /// applies while the body is read.
    /// - Parameter waits: whether the client waits for "100 Continue", and none of the body is here.
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

    /// Handles a complete request.
    func handle(_ head: RequestHead, _ body: [UInt8]) {
        respond(to: dispatcher.request(head, takeSlot(of: head), body: body, from: peerAddress))
    }

    /// Sends an error as the connection's last response. There may be no request to respond to.
    func fail(with error: any Error, of head: RequestHead?) {
        let request =
            if let head {
                dispatcher.request(head, takeSlot(of: head), from: peerAddress, isLast: true)
            } else {
                dispatcher.unreadable(isHead: (error as? RequestError)?.isHead ?? false, from: peerAddress)
            }
        deliver(dispatcher.reply(to: request, .failure(error)), to: request)
    }

    /// The slot that `admit` has kept until the body was complete; else a new look-up.
    private func takeSlot(of head: RequestHead) -> RouteSlot {
        guard let slot else { return dispatcher.slot(of: head) }
        self.slot = nil
        return slot
    }

    // MARK: Replies

    private func respond(to request: Request) {
        deliver(dispatcher.reply(to: request), to: request)
    }

    /// Writes a reply at once if no earlier response is outstanding and it is not held. Otherwise queues it.
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
            // The task's executor preference returns it to the loop, whatever `decide` has awaited.
            connection.value.perform { connection.value.decided(number, result) }
        }
        responses.attach(task, to: number)
    }

    /// A handler has decided its reply asynchronously, or has timed out. Ignored if the reply is no longer awaited.
    func decided(_ number: UInt64, _ result: Result<Reply, any Error>) {
        guard let request = responses.awaited(number) else { return }
        let reply = dispatcher.reply(to: request, result)
        if case .decidedLater(let decide) = reply { return run(decide, for: number) }
        responses.complete(number, reply, heldUntil: hold(reply, to: request))
    }

    /// Until when a response is held, see `RouteOptions.unauthorizedTick`; nil for nearly all responses. Also schedules
    /// an event at that instant, which writes the response.
    ///
    /// The instant is computed from the current time. The turn's time is from before the work, so with it the
    /// duration of the work could show.
    private func hold(_ reply: Reply, to request: Request) -> MonotonicInstant? {
        guard case .now(let response) = reply, response.status.code == 401,
            let tick = request.route?.options.unauthorizedTick
        else { return nil }
        let until = loop.readClock().next(multipleOf: tick.wholeNanoseconds)
        loop.schedule(exactlyAt: until) { [self] in perform {} }
        return until
    }

    // MARK: Writing

    /// Writes the responses that are ready and next in order, and a "100 Continue" that waited for them.
    ///
    /// While too much output is unsent, responses stay in the queue unencoded. That takes less memory than their bytes,
    /// because many may share a body.
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
        // Not reached: `deliver` and `decided` run such a reply instead of writing it.
        case .decidedLater: return write(.now(Response(.internalServerError)), to: request)
        }
        // No response can follow the connection's last one.
        if !keepAlive { responses.removeAll() }
        // Update the state now and not at the end of the event: one read can hold a thousand requests, and each of them
        // may ask for a large response.
        outputChanged()
        dispatcher.finished(request, status, sentBytes: output.count - start)
    }
}
