import Foundation
import HarborFleetTesting

/// Delivers POSTs as the contract says: what is refused with 503 or lost is sent again, the same, until its 202.
struct Courier: Sendable {
    private struct Receipt: Decodable {
        let accepted: Int
        let duplicates: Int
        let rejected: [Rejection]?

        struct Rejection: Decodable { let pointer: String }
    }

    let api: APIClient
    let book: LedgerBook
    /// Between a refusal and the next copy.
    var pause: ClosedRange<Int> = 50...250

    /// Sends copies until one is acknowledged or the deadline has passed.
    /// - Parameter connection: kept between POSTs; nil where there is none.
    /// - Returns: whether it was acknowledged.
    @discardableResult
    func deliver(
        _ post: LedgerPost, on connection: inout RawClient?, until deadline: ContinuousClock.Instant
    ) async -> Bool {
        let body = post.body
        while ContinuousClock.now < deadline {
            if await send(post, body, on: &connection) { return true }
            try? await Task.sleep(for: .milliseconds(Int.random(in: pause)))
        }
        return false
    }

    /// Sends one copy.
    /// - Returns: whether it was acknowledged.
    func send(_ post: LedgerPost, _ body: [UInt8], on connection: inout RawClient?) async -> Bool {
        if connection == nil { connection = try? RawClient(port: api.port, timeoutSeconds: 30) }
        guard let client = connection else { return false }
        let sent = SentBody(body)
        book.write { $0.sending(post, sent) }
        let start = ContinuousClock.now
        do {
            try await client.send(request(post, body))
            let answer = try await client.response()
            book.took(ContinuousClock.now - start)
            if answer["connection"] == "close" { connection = nil }
            return note(answer, of: post)
        } catch {
            connection = nil
            book.write { $0.lostAnswer() }
            return false
        }
    }

    /// Signed anew: a copy may go out long after the first.
    private func request(_ post: LedgerPost, _ body: [UInt8]) -> [UInt8] {
        let head =
            [
                "POST /api/v1/fleets/\(post.fleet)/fixes HTTP/1.1", "Host: localhost",
                "Content-Type: application/json", "Content-Length: \(body.count)",
            ] + (api.signing?.fields(for: body, id: post.id) ?? [])
        return Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
    }

    private func note(_ answer: RawResponse, of post: LedgerPost) -> Bool {
        guard answer.status == 202 else {
            book.write { $0.refused(status: answer.status) }
            if answer.status != 503 || answer["retry-after"] == nil {
                book.surprise("\(answer.status) \(answer.fields) \(answer.text.prefix(300))")
            }
            return false
        }
        guard let receipt = try? answer.json(Receipt.self) else {
            book.surprise("202 without counts: \(answer.text.prefix(300))")
            return false
        }
        book.write {
            $0.acknowledged(
                post.id,
                .init(
                    accepted: receipt.accepted, duplicates: receipt.duplicates,
                    rejected: receipt.rejected?.count ?? 0))
        }
        return true
    }
}
