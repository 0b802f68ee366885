import Foundation
import HTTPTypes

extension HTTPCase {
    /// Sends the case in each way, with a valid request behind it.
    /// - Returns: one line for each way that failed, and the number of ways.
    func run(_ server: ConformanceServer) async throws -> (faults: [String], ways: Int) {
        var ways = Cuts.all(of: bytes + HTTPExchange.lastRequest, text: true)
        if after == .endsAsAsked { ways = [ways[0]] + Cuts.all(of: bytes, text: true) }
        var faults: [String] = []
        for pieces in ways {
            do {
                let exchange = try await HTTPExchange(sending: pieces, method: method, to: server)
                if let fault = fault(of: exchange) {
                    faults.append("in pieces of \(pieces.map(\.count)): \(fault)")
                }
            } catch {
                faults.append("in pieces of \(pieces.map(\.count)): \(error)")
            }
        }
        return (faults, ways.count)
    }

    private var method: HTTPRequest.Method { bytes.starts(with: "HEAD ".utf8) ? .head : .get }

    private func fault(of exchange: HTTPExchange) -> String? {
        if let fault = exchange.fault { return fault }
        let expected = after == .lives ? statuses + [200] : statuses
        let found = exchange.responses.map(\.head.status.code)
        guard found == expected else { return "the statuses are \(found) instead of \(expected)" }
        for response in exchange.responses {
            if let fault = Self.fault(of: response) { return "\(response.head.status.code): \(fault)" }
        }
        let closes = exchange.responses.map(\.endsConnection)
        guard closes.last == true, !closes.dropLast().contains(true) else {
            return "the responses with Connection: close are \(closes)"
        }
        return faultOfLast(exchange.responses[statuses.count - 1])
    }

    private func faultOfLast(_ response: HTTPExchange.Response) -> String? {
        for (name, value) in fields where response.field(name) != value {
            return "\(name) is \(response.field(name) ?? "missing") instead of \(value)"
        }
        for name in lacks where response.field(name) != nil { return "\(name) is present" }
        guard let body, response.text != body else { return nil }
        return "the body is \(response.text.prefix(100))"
    }

    /// What each response must have (RFC 9110 section 6.6.1, RFC 9457).
    private static func fault(of response: HTTPExchange.Response) -> String? {
        guard let date = response.field("Date"), isDate(date) else { return "no Date" }
        guard response.field("X-Request-Id")?.isEmpty == false else { return "no X-Request-Id" }
        guard response.head.status.code >= 400 else { return nil }
        guard response.field("Content-Type") == "application/problem+json" else {
            return "no problem+json"
        }
        guard !response.body.isEmpty else { return nil }
        let problem = try? JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any]
        let status = problem?["status"] as? Int
        return status == response.head.status.code ? nil : "the problem has another status"
    }

    /// IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func isDate(_ text: String) -> Bool {
        text.wholeMatch(of: /[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT/) != nil
    }
}
