internal import Dispatch
internal import Foundation
internal import Glibc
internal import Synchronization

/// A listening socket on a free port that answers each request by the next step of a script, the last one for
/// ever. One connection at a time, on a queue of its own.
package final class ScriptedServer: Sendable {
    package enum Step {
        case answer(status: Int, headers: String = "", body: String = "{}")
        /// Closes the connection after the request, unanswered.
        case hangUp
        /// Answers 202 and closes the connection without having said so.
        case acceptAndHangUp
    }

    package struct Request: Sendable {
        package var head: String
        package var body: String
        package var connection: Int

        package func field(_ name: String) -> String? {
            head.split(separator: "\r\n").first { $0.hasPrefix(name + ": ") }
                .map { String($0.dropFirst(name.count + 2)) }
        }
    }

    package static let accepted = #"{"accepted":1,"duplicates":0,"rejected":[]}"#

    package let port: UInt16
    private let listener: CInt
    private let script: [Step]
    private let seen = Mutex<[Request]>([])

    package var url: String { "http://127.0.0.1:\(port)" }
    package var requests: [Request] { seen.withLock { $0 } }

    package init(_ script: [Step]) {
        self.script = script
        listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        // The kernel reads and writes one sockaddr_in on this frame.
        let descriptor = listener
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                _ = unsafe bind(descriptor, generic, length)
                _ = unsafe getsockname(descriptor, generic, &length)
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        listen(listener, 8)
        DispatchQueue(label: "scripted-server").async { self.serve() }
    }

    /// Ends the queue's block; a waiting accept fails.
    package func stop() { shutdown(listener, CInt(SHUT_RDWR)) }

    deinit { close(listener) }

    private func serve() {
        var connections = 0
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { return }
            connections += 1
            converse(client, connections)
            close(client)
        }
    }

    private func converse(_ client: CInt, _ connection: Int) {
        var bytes: [UInt8] = []
        while let request = read(client, &bytes, connection) {
            let count = seen.withLock { seen in
                seen.append(request)
                return seen.count
            }
            switch script[min(count, script.count) - 1] {
            case .hangUp: return
            case .acceptAndHangUp: return write(client, 202, "", Self.accepted)
            case .answer(let status, let headers, let body): write(client, status, headers, body)
            }
        }
    }

    private func read(_ client: CInt, _ bytes: inout [UInt8], _ connection: Int) -> Request? {
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n") {
                var request = Request(head: String(text[..<end.lowerBound]), body: "", connection: connection)
                let length = request.field("Content-Length").flatMap { Int($0) } ?? 0
                let start = text.utf8.distance(from: text.startIndex, to: end.upperBound)
                if bytes.count >= start + length {
                    request.body = String(decoding: bytes[start..<(start + length)], as: UTF8.self)
                    bytes.removeFirst(start + length)
                    return request
                }
            }
            var piece = [UInt8](repeating: 0, count: 65_536)
            let count = unsafe recv(client, &piece, piece.count, 0)
            guard count > 0 else { return nil }
            bytes += piece[..<count]
        }
    }

    private func write(_ client: CInt, _ status: Int, _ headers: String, _ body: String) {
        let text = "HTTP/1.1 \(status) X\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let bytes = Array(text.utf8)
        _ = unsafe send(client, bytes, bytes.count, CInt(MSG_NOSIGNAL))
    }
}
