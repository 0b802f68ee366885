internal import Endpoint
internal import Logging
internal import Supervision

/// Drains the clients' connections when the server stops. It is the last child to start and so the first to
/// stop: the clients get up to `timeout` to finish before anything else ends.
///
/// `/ready` fails first, so that a load balancer selects other servers while this one still serves everything
/// (the drain delay). Then the listeners close, requests in progress get their responses, and WebSockets are
/// closed with 1012.
///
/// As the last child it is also stopped when a sibling fails and all children after that one are restarted. In
/// that case `/ready` stays as it is and nothing is drained, so that the siblings are back sooner.
struct DrainGuard: Sendable {
    let lifecycle: Lifecycle
    let endpoints: [EndpointServer]
    /// Applies only after SIGTERM: after Ctrl-C a person is waiting for the end.
    let delay: Duration
    /// The time from the signal to the end of the last connection.
    let timeout: Duration
    let logger: Logger

    /// The service of the guard. Its child takes at most the time-out, and the time for closing connections by
    /// force.
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
