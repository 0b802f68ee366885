internal import Dispatch
internal import FleetSimulator
internal import Processes
internal import Synchronization

/// A listening socket on a free port that serves each request by the next step of a script; the last step
/// repeats for all further requests. It serves one connection at a time, on a queue of its own.
package final class ScriptedServer: Sendable {
    package enum Step: Sendable {
        case answer(status: Int, headers: String = "", body: String = "{}")
        /// Closes the connection after the request, without a response.
        case hangUp
        /// Responds with 202 and then closes the connection without having announced it.
        case acceptAndHangUp
    }

    package struct Request: Sendable {
        package let message: RawMessage
        /// The number of the connection on which it arrived.
        package let connection: Int

        package var body: String { message.text }
    }

    package static let accepted = #"{"accepted":1,"duplicates":0,"rejected":[]}"#

    private let listener: LoopbackListener
    private let script: [Step]
    private let seen = Mutex<[Request]>([])

    package var port: UInt16 { listener.port }
    package var url: String { "http://127.0.0.1:\(port)" }
    package var requests: [Request] { seen.withLock { $0 } }

    package init(_ script: [Step]) throws {
        self.script = script
        listener = try LoopbackListener()
        DispatchQueue(label: "scripted-server").async { self.serve() }
    }

    /// Ends the queue's block; a waiting accept fails.
    package func stop() { listener.stop() }

    private func serve() {
        var connections = 0
        while let connection = listener.accept() {
            connections += 1
            converse(ClientSocket(connection), connections)
        }
    }

    private func converse(_ client: borrowing ClientSocket, _ connection: Int) {
        var bytes: [UInt8] = []
        while let message = read(client, &bytes) {
            let count = seen.withLock { seen in
                seen.append(Request(message: message, connection: connection))
                return seen.count
            }
            switch script[min(count, script.count) - 1] {
            case .hangUp: return
            case .acceptAndHangUp: return write(client, 202, "", Self.accepted)
            case .answer(let status, let headers, let body): write(client, status, headers, body)
            }
        }
    }

    private func read(_ client: borrowing ClientSocket, _ bytes: inout [UInt8]) -> RawMessage? {
        while true {
            if let message = RawMessage.take(from: &bytes) { return message }
            let piece = try? client.receive(limit: 65_536, deadline: .now + .seconds(60))
            guard let piece, !piece.isEmpty else { return nil }
            bytes += piece
        }
    }

    private func write(
        _ client: borrowing ClientSocket, _ status: Int, _ headers: String, _ body: String
    ) {
        let text = "HTTP/1.1 \(status) X\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        try? client.sendAll(Array(text.utf8), deadline: .now + .seconds(60))
    }
}
