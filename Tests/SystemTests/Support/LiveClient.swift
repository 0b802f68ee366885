import Foundation
import HarborFleetTesting
import WebSockets

/// A message of a live stream, or the body of a status: the members that tests read.
struct LiveMessage: Decodable, Sendable {
    struct Vehicle: Decodable, Sendable, Equatable {
        let vehicleId: String
        let state: String
        let recordedAt: String
        let lat: Double
    }

    let type: String?
    let epoch: String?
    let seq: UInt64?
    let recovered: Bool?
    let vehicles: [Vehicle]?
    let vehicleId: String?
    let state: String?
    let recordedAt: String?
    let lat: Double?
    let conflated: UInt64?

    init(_ json: [UInt8]) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        self = try decoder.decode(LiveMessage.self, from: Data(json))
    }

    /// `EPOCH:SEQ`, of a snapshot or a status.
    var place: String { "\(epoch ?? "?"):\(seq ?? 0)" }
}

/// A subscriber that reads all the time and keeps what it received. A test can wait for a message.
final class LiveClient: Sendable {
    enum Entry: Sendable {
        case message(LiveMessage)
        case closed(CloseCode?)
        /// The connection has ended. Last.
        case ended
        /// A frame or an error that no live stream has.
        case unexpected(String)
    }

    private let log = EventRecorder<Entry>()
    private let reading: Task<Void, Never>

    convenience init(port: UInt16, path: String, fields: [String] = []) async throws {
        self.init(reading: try await TestWebSocketClient(port: port, path: path, fields: fields))
    }

    init(reading client: TestWebSocketClient) {
        reading = Task { [log] in await Self.read(client, into: log) }
    }

    deinit { reading.cancel() }

    var entries: [Entry] { log.events }

    var messages: [LiveMessage] { Self.messages(in: entries) }

    private static func messages(in entries: [Entry]) -> [LiveMessage] {
        entries.compactMap { if case .message(let message) = $0 { message } else { nil } }
    }

    func messages(of type: String) -> [LiveMessage] { messages.filter { $0.type == type } }

    /// Returns the first message that fits, once it is there.
    /// - Throws: `TestFailure` when the connection ends without it, or after `limit`.
    @discardableResult
    func message(
        within limit: Duration = .seconds(20), where fits: @escaping @Sendable (LiveMessage) -> Bool
    ) async throws -> LiveMessage {
        let entry = await log.first(within: limit) { entry in
            switch entry {
            case .message(let message): fits(message)
            case .ended: true
            case .closed, .unexpected: false
            }
        }
        guard case .message(let message)? = entry else {
            throw TestFailure("no such message among \(messages.count), the last \(messages.suffix(3))")
        }
        return message
    }

    /// Returns all messages, once there are `count` or more.
    /// - Throws: `TestFailure` after 20 s.
    @discardableResult
    func messages(count: Int) async throws -> [LiveMessage] {
        try await wait { $0.count >= count }
        return messages
    }

    /// Returns once the messages meet a condition. It looks at all of them at each new one, so it is for short streams.
    /// - Throws: `TestFailure` after 20 s.
    func wait(until condition: @escaping @Sendable ([LiveMessage]) -> Bool) async throws {
        let isMet = await log.wait(within: .seconds(20)) { condition(Self.messages(in: $0)) }
        guard isMet else { throw TestFailure("\(messages.count) messages, the last \(messages.suffix(3))") }
    }

    /// Returns the code with which the server closed, once it has.
    /// - Throws: `TestFailure` when the connection ends without it, or after 20 s.
    func waitForClose() async throws -> CloseCode? {
        let entry = await log.first(within: .seconds(20)) { entry in
            switch entry {
            case .closed, .ended: true
            case .message, .unexpected: false
            }
        }
        guard case .closed(let code)? = entry else { throw TestFailure("the server does not close") }
        return code
    }

    /// The code with which the server closed; nil while it has not.
    var closeCode: CloseCode? {
        entries.lazy.compactMap { if case .closed(let code) = $0 { code } else { nil } }.first
    }

    var hasEnded: Bool {
        entries.contains { if case .ended = $0 { true } else { false } }
    }

    /// What contradicts the order of a live stream. The stream starts with a snapshot or with `resumed`. The seq of
    /// each change is one more than that before it. Only a snapshot starts another epoch.
    var faults: [String] {
        var faults: [String] = []
        var seq: UInt64?
        for message in messages {
            switch message.type {
            case "snapshot", "resumed": seq = message.seq
            case "position", "state", "removed":
                let left = 1 + (message.conflated ?? 0)
                if seq == nil || message.seq != seq.map({ $0 + left }) {
                    faults.append(
                        "\(message.type ?? "?") \(message.seq ?? 0) after \(seq.map(String.init) ?? "nothing")"
                    )
                }
                seq = message.seq
            default: faults.append("a message of type \(message.type ?? "none")")
            }
        }
        for case .unexpected(let what) in entries { faults.append(what) }
        return faults
    }

    private static func read(_ client: TestWebSocketClient, into log: EventRecorder<Entry>) async {
        while !Task.isCancelled {
            do {
                guard let event = try await client.next() else { break }
                switch event {
                case .text(let json): log.record(.message(try LiveMessage(json)))
                case .ping(let payload): try await client.send(.pong, payload)
                case .close(let code, _):
                    log.record(.closed(code))
                    try await client.close(code ?? .normal)
                case .binary, .pong: log.record(.unexpected("a frame of another type"))
                }
            } catch RawClient.Failure.timedOut(.receiving) {
                continue  // The server sent nothing for a while.
            } catch {
                if !(error is RawClient.Failure) { log.record(.unexpected("\(error)")) }
                break
            }
        }
        log.record(.ended)
    }
}
