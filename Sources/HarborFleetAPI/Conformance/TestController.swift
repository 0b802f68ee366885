package import Endpoint
internal import HTTP1
internal import HTTPTypes
internal import WebSockets

/// Echo routes for conformance suites. They exist only with `HARBOR_TEST_ENDPOINTS=true`, need no
/// authentication, and run on the same engine as all others.
package struct TestController: RouteGroup {
    private static let messageBytes = 16 * 1_048_576
    private static let echoLimits = WebSocketLimits(
        frameBytes: messageBytes, messageBytes: messageBytes, outboxBytes: 2 * messageBytes,
        silence: .seconds(120))

    package init() {}

    package func addRoutes(to router: inout Router) {
        router.get("/test/echo") { _ in
            .upgrade(
                WebSocketUpgrade(limits: Self.echoLimits, compression: WebSocketCompression()) { _ in Echo() }
            )
        }
        router.post("/test/post") { request in
            let type = request.head[.contentType] ?? "application/octet-stream"
            return .now(Response(.ok, fields: [.contentType: type], body: .bytes(request.body)))
        }
    }

    /// Sends each message back whole, with the type that it had.
    private final class Echo: WebSocketDelegate {
        func text(_ message: [UInt8], on channel: WebSocketChannel) {
            channel.send(text: message)
        }

        func binary(_ message: [UInt8], on channel: WebSocketChannel) {
            channel.send(binary: message)
        }
    }
}
