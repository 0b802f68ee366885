import Foundation
import HarborFleetTesting

/// Delivers POSTs as the contract says: it sends a POST that was refused with 503 or lost again, unchanged, until its
/// 202.
struct Courier: Sendable {
    private struct Receipt: Decodable {
        let accepted: Int
        let duplicates: Int
        let rejected: [Rejection]?

        struct Rejection: Decodable { let pointer: String }
    }

    let api: APIClient
    let book: LedgerBook
    /// The partner's back-off between a refusal and the next copy, in milliseconds.
    var pause: ClosedRange<Int> = 50...250

    /// Sends copies until one is acknowledged or the deadline has passed.
    /// - Parameter connection: kept between POSTs; nil for none.
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
            let response = try await client.response()
            book.took(ContinuousClock.now - start)
            if response["connection"] == "close" { connection = nil }
            return note(response, of: post)
        } catch {
            connection = nil
            book.write { $0.lostResponse() }
            return false
        }
    }

    /// Each copy has a signature of its own, because it may be sent long after the first.
    private func request(_ post: LedgerPost, _ body: [UInt8]) -> [UInt8] {
        let head =
            [
                "POST /api/v1/fleets/\(post.fleet)/fixes HTTP/1.1", "Host: localhost",
                "Content-Type: application/json", "Content-Length: \(body.count)",
            ] + (api.signing?.fields(for: body, id: post.id) ?? [])
        return Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
    }

    private func note(_ response: RawResponse, of post: LedgerPost) -> Bool {
        guard response.status == 202 else {
            book.write { $0.refused(status: response.status) }
            if response.status != 503 || response["retry-after"] == nil {
                book.surprise("\(response.status) \(response.fields) \(response.text.prefix(300))")
            }
            return false
        }
        guard let receipt = try? response.json(Receipt.self) else {
            book.surprise("202 without counts: \(response.text.prefix(300))")
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
