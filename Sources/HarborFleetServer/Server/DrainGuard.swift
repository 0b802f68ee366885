internal import Endpoint
internal import Logging
internal import Supervision

/// The last child to start and so the first to stop: before anything else ends, the clients are seen off.
///
/// `/ready` fails first, so that a load balancer looks elsewhere while everything is still served (the drain
/// delay); then the listeners close, requests under way get their answers, WebSockets are closed with 1012.
///
/// Being the last it is stopped as well when a sibling fails and all behind that are started anew. The clients then
/// keep their `/ready`, and nobody waits for them: the sooner the siblings are back, the better.
struct DrainGuard: Sendable {
    let lifecycle: Lifecycle
    let endpoints: [EndpointServer]
    /// Only after SIGTERM: who presses Ctrl-C waits for it.
    let delay: Duration
    /// From the signal to the end of the last connection.
    let timeout: Duration
    let logger: Logger

    /// The last service. Its child takes at most the time-out and what closing by force needs.
    var service: Service {
        Service(
            ChildSpec(id: "drain-guard", shutdown: timeout + .seconds(2)) { context in
                context.ready()
                await cancellation()
                guard lifecycle.isStopRequested else { return }
                await shielded { await drain() }
            })
    }

    private func drain() async {
        lifecycle.enter(.draining)
        let delay = lifecycle.stopSignal == .terminate ? min(delay, timeout) : .zero
        if delay > .zero { try? await Task.sleep(for: delay) }
        await withDiscardingTaskGroup { group in
            for endpoint in endpoints {
                group.addTask { await endpoint.drain(within: timeout - delay) }
            }
        }
        logger.notice("drained")
    }
}
