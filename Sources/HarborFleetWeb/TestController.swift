internal import Endpoint
internal import HTTP1
internal import HTTPTypes
internal import WebSockets

/// What conformance suites talk to, with `HARBOR_TEST_ENDPOINTS=true` only: no authentication, the same engine.
enum TestController {
    private static let echoMessageBytes = 16 * 1_048_576

    static func addRoutes(to router: inout Router) {
        router.get("/test/echo") { _ in
            var limits = WebSocketLimits()
            limits.frameBytes = echoMessageBytes
            limits.messageBytes = echoMessageBytes
            limits.outboxBytes = 2 * echoMessageBytes
            limits.silence = .seconds(120)
            return .upgrade(
                WebSocketUpgrade(limits: limits, compression: WebSocketCompression()) { _ in Echo() })
        }
        router.post("/test/post") { request in
            let type = request.head[.contentType] ?? "application/octet-stream"
            return .now(Response(.ok, fields: [.contentType: type], body: .bytes(request.body)))
        }
    }

    /// Returns each message whole with its type.
    private final class Echo: WebSocketDelegate {
        func text(_ message: [UInt8], on channel: WebSocketChannel) {
            channel.send(text: message)
        }

        func binary(_ message: [UInt8], on channel: WebSocketChannel) {
            channel.send(binary: message)
        }
    }
}
