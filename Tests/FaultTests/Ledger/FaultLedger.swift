/// What partners sent and the responses to it, kept on the partners' side, where no fault of the server can change it.
///
/// A value with a clock of its own, which counts POSTs and responses. It shows whether a content was sent before or
/// after the first response that acknowledged its fix.
struct FaultLedger: Sendable {
    /// The counts of a 202.
    struct Response: Hashable, Sendable {
        let accepted: Int
        let duplicates: Int
        var rejected = 0
    }

    /// One POST and what became of its copies.
    struct Entry: Sendable {
        let post: LedgerPost
        let body: SentBody
        /// Copies sent, with a response or without.
        var copies = 0
        var responses: [Response] = []
    }

    /// All that was sent and acknowledged of one fix.
    struct Claim: Sendable {
        /// Its contents in the order in which each was first sent, and when.
        var contents: [(number: Int, sent: Int)] = []
        /// When the first 202 came that covers it.
        var acknowledged: Int?

        /// The contents that the table may have: those that were sent before the first 202. Later ones are duplicates.
        var possible: [Int] {
            contents.filter { content in acknowledged.map { content.sent < $0 } ?? true }.map(\.number)
        }
    }

    private(set) var entries: [String: Entry] = [:]
    private(set) var claims: [FixKey: Claim] = [:]
    /// How many responses had each status other than 202.
    private(set) var refusals: [Int: Int] = [:]
    /// Copies without a response.
    private(set) var lost = 0
    /// Copies that were acknowledged.
    private(set) var acknowledgements = 0
    private var time = 0

    /// A copy of a POST is sent.
    mutating func sending(_ post: LedgerPost, _ body: SentBody) {
        time += 1
        entries[post.id, default: Entry(post: post, body: body)].copies += 1
        for fix in post.fixes {
            guard claims[fix.key]?.contents.contains(where: { $0.number == fix.number }) != true else {
                continue
            }
            claims[fix.key, default: Claim()].contents.append((fix.number, time))
        }
    }

    /// A copy got its 202.
    mutating func acknowledged(_ id: String, _ response: Response) {
        time += 1
        acknowledgements += 1
        entries[id]?.responses.append(response)
        for fix in entries[id]?.post.fixes ?? [] where claims[fix.key]?.acknowledged == nil {
            claims[fix.key]?.acknowledged = time
        }
    }

    /// A copy got another status.
    mutating func refused(status: Int) { refusals[status, default: 0] += 1 }

    /// A copy got no response.
    mutating func lostResponse() { lost += 1 }

    /// Copies sent in all.
    var copies: Int { entries.values.reduce(0) { $0 + $1.copies } }

    /// POSTs that never got a 202.
    var unacknowledged: Int { entries.values.count { $0.responses.isEmpty } }
}
