import HarborFleetTesting
import Testing

/// One row of the tables: frames that are sent to `/test/echo`, and the frames that must come back.
struct EchoCase: Sendable, CustomTestStringConvertible {
    /// Autobahn's category, and the section of RFC 6455.
    let section: String
    let name: String
    let bytes: [UInt8]
    let expected: [ReceivedFrame]

    var testDescription: String { "\(section): \(name)" }

    /// Valid frames. A close of 1000 is sent behind them.
    init(_ section: String, _ name: String, _ bytes: [UInt8], _ expected: ReceivedFrame...) {
        self.section = section
        self.name = name
        self.bytes = bytes + SentFrame.close(1_000)
        self.expected = expected + [.close(1_000)]
    }

    /// Frames that end the connection. What follows them is ignored.
    init(
        _ section: String, _ name: String, _ bytes: [UInt8], endsWith code: UInt16?,
        after frames: ReceivedFrame...
    ) {
        self.section = section
        self.name = name
        self.bytes = bytes + SentFrame.text("not heard")
        expected = frames + [.close(code)]
    }

    /// The status of the response to the handshake was not 101.
    struct NotUpgraded: Error {
        let status: Int
    }

    static let all = framing + pings + reserved + opcodes + fragments + characters + closes

    /// Sends the case in each way, and returns the failures and the number of ways.
    func run(_ server: ConformanceServer) async throws -> (faults: [String], ways: Int) {
        let ways = Cuts.all(of: bytes, text: false)
        var faults: [String] = []
        for pieces in ways {
            do {
                let found = try await Self.exchange(pieces, server)
                if found != expected { faults.append("in pieces of \(pieces.map(\.count)): \(found)") }
            } catch {
                faults.append("in pieces of \(pieces.map(\.count)): \(error)")
            }
        }
        return (faults, ways.count)
    }

    /// Sends pieces on a WebSocket of their own and reads until the server ends it.
    static func exchange(_ pieces: [[UInt8]], _ server: ConformanceServer) async throws -> [ReceivedFrame] {
        let client = try await open(server)
        for piece in pieces { try await client.send(piece) }
        return ReceivedFrame.all(in: try await client.untilEnd())
    }

    /// Opens a connection and completes its handshake.
    static func open(_ server: ConformanceServer, fields: [String] = []) async throws -> RawClient {
        let client = try server.connect()
        try await client.send(TestWebSocketClient.request(path: "/test/echo", fields: fields))
        let handshake = try await client.response(hasBody: false)
        guard handshake.status == 101 else { throw NotUpgraded(status: handshake.status) }
        return client
    }
}
