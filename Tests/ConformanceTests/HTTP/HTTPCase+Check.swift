import Foundation
import HTTPTypes

extension HTTPCase {
    /// Sends the case in every way, each with a good request behind it, and returns what was wrong.
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
        let found = exchange.answers.map(\.head.status.code)
        guard found == expected else { return "answered \(found) instead of \(expected)" }
        for answer in exchange.answers {
            if let fault = Self.fault(of: answer) { return "\(answer.head.status.code): \(fault)" }
        }
        let closes = exchange.answers.map(\.endsConnection)
        guard closes.last == true, !closes.dropLast().contains(true) else {
            return "close was said \(closes)"
        }
        return faultOfLast(exchange.answers[statuses.count - 1])
    }

    private func faultOfLast(_ answer: HTTPExchange.Response) -> String? {
        for (name, value) in fields where answer.field(name) != value {
            return "\(name) is \(answer.field(name) ?? "missing") instead of \(value)"
        }
        for name in lacks where answer.field(name) != nil { return "\(name) is there" }
        guard let body, answer.text != body else { return nil }
        return "the body is \(answer.text.prefix(100))"
    }

    /// What every answer must have (RFC 9110 section 6.6.1, RFC 9457).
    private static func fault(of answer: HTTPExchange.Response) -> String? {
        guard let date = answer.field("Date"), isDate(date) else { return "no Date" }
        guard answer.field("X-Request-Id")?.isEmpty == false else { return "no X-Request-Id" }
        guard answer.head.status.code >= 400 else { return nil }
        guard answer.field("Content-Type") == "application/problem+json" else { return "no problem+json" }
        guard !answer.body.isEmpty else { return nil }
        let problem = try? JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
        return problem?["status"] as? Int == answer.head.status.code ? nil : "the problem has another status"
    }

    /// IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func isDate(_ text: String) -> Bool {
        text.wholeMatch(of: /[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT/) != nil
    }
}
