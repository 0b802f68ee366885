/// What partners sent and what they were told, kept on their side, where no fault of the server's can touch it.
///
/// A value with a clock of its own, which counts what was sent and answered: it tells whether a content was sent
/// before or after the first answer that acknowledged its fix.
struct FaultLedger: Sendable {
    /// The counts of a 202.
    struct Answer: Hashable, Sendable {
        let accepted: Int
        let duplicates: Int
        var rejected = 0
    }

    /// One POST and what became of its copies.
    struct Entry: Sendable {
        let post: LedgerPost
        let body: SentBody
        /// Copies sent, answered or not.
        var copies = 0
        var answers: [Answer] = []
    }

    /// All that was said of one fix.
    struct Claim: Sendable {
        /// Its contents in the order in which each was first sent, and when.
        var contents: [(number: Int, sent: Int)] = []
        /// When the first 202 came that covers it.
        var acknowledged: Int?

        /// What the table may say: what was sent before the first 202 came. Later contents are duplicates for sure.
        var possible: [Int] {
            contents.filter { content in acknowledged.map { content.sent < $0 } ?? true }.map(\.number)
        }
    }

    private(set) var entries: [String: Entry] = [:]
    private(set) var claims: [FixKey: Claim] = [:]
    /// How often each status came other than 202.
    private(set) var refusals: [Int: Int] = [:]
    /// Copies that got no answer.
    private(set) var lost = 0
    /// Copies that got their 202.
    private(set) var acknowledgements = 0
    private var time = 0

    /// A copy of a POST goes out.
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
    mutating func acknowledged(_ id: String, _ answer: Answer) {
        time += 1
        acknowledgements += 1
        entries[id]?.answers.append(answer)
        for fix in entries[id]?.post.fixes ?? [] where claims[fix.key]?.acknowledged == nil {
            claims[fix.key]?.acknowledged = time
        }
    }

    /// A copy got another status.
    mutating func refused(status: Int) { refusals[status, default: 0] += 1 }

    /// A copy got no answer.
    mutating func lostAnswer() { lost += 1 }

    /// Copies sent in all.
    var copies: Int { entries.values.reduce(0) { $0 + $1.copies } }

    /// POSTs that never got a 202.
    var unacknowledged: Int { entries.values.count { $0.answers.isEmpty } }
}
