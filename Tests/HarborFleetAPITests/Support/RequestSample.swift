import EventLoops
import HTTP1
import HarborFleet
import HarborFleetTesting
import Sockets
import Supervision
import Testing

@testable import Endpoint
@testable import HarborFleetAPI

/// Requests without a connection.
enum RequestSample {
    /// - Parameter text: a head with its empty line.
    static func head(_ text: String) throws -> RequestHead {
        var parser = RequestParser()
        var offset = 0
        let event = try parser.next(Array(text.utf8).span, &offset, limits: HTTPLimits())
        switch event {
        case .head(let head), .request(let head): return head
        case .body, .end, nil: throw NoHead()
        }
    }

    private struct NoHead: Error {}

    static func request(_ text: String, on loop: EventLoop) throws -> Request {
        Request(
            head: try head(text), slot: RouteSlot(.refused(.notFound, nil), isHead: false, givenID: nil),
            body: [],
            remoteAddress: try SocketAddress(host: "127.0.0.1", port: 1), isFromTrustedProxy: false,
            id: .given("r"), receivedAt: .read(), loop: loop, isLast: false)
    }

    /// A POST of fixes with a signature that fits no key.
    static func post(to fleet: String, on loop: EventLoop) throws -> SignedPost {
        let fields = "webhook-id: m\r\nwebhook-timestamp: 1\r\nwebhook-signature: v1,AAAA\r\n"
        let request = try request("POST / HTTP/1.1\r\nHost: h\r\n\(fields)\r\n", on: loop)
        return SignedPost(
            request: request, fleetID: try #require(FleetID(fleet)),
            signature: try WebhookSignature(request.head), isLarge: false)
    }
}
