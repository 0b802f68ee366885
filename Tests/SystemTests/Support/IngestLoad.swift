import HarborFleetTesting
import Synchronization

/// What partners sent, and what of it was acknowledged: kept on the client's side, where a killed server cannot
/// touch it.
final class Ledger: Sendable {
    private struct Book {
        var sent: Set<String> = []
        var acknowledged: Set<String> = []
        var posts = 0
        var refusals: [Int: Int] = [:]
    }

    private let book = Mutex(Book())

    /// Keys of fixes, `fleet/vehicle@milliseconds`.
    var sent: Set<String> { book.withLock { $0.sent } }
    var acknowledged: Set<String> { book.withLock { $0.acknowledged } }
    /// How many POSTs got their 202.
    var posts: Int { book.withLock { $0.posts } }
    /// How often each other status came.
    var refusals: [Int: Int] { book.withLock { $0.refusals } }

    func sending(_ keys: [String]) { book.withLock { $0.sent.formUnion(keys) } }

    func answered(_ keys: [String], status: Int) {
        book.withLock { book in
            guard status == 202 else { return book.refusals[status, default: 0] += 1 }
            book.acknowledged.formUnion(keys)
            book.posts += 1
        }
    }
}

/// One connection of a partner that posts as fast as it is answered. A POST without an answer is sent again, as a
/// partner has to.
final class PostingConnection: Sendable {
    private let name: String
    private let fleet: String
    private let api: APIClient
    private let ledger: Ledger
    /// The next fix's number, and the POST that is not acknowledged.
    private let state = Mutex<(next: Int, open: [SentFix]?)>((0, nil))

    init(_ name: String, fleet: String, api: APIClient, ledger: Ledger) {
        self.name = name
        self.fleet = fleet
        self.api = api
        self.ledger = ledger
    }

    /// Posts until the server goes away or the task is cancelled.
    func run() async {
        guard let client = try? RawClient(port: api.port) else { return }
        while !Task.isCancelled {
            let fixes = nextPost()
            let keys = fixes.map { "\(fleet)/\($0.key)" }
            ledger.sending(keys)
            guard let answer = try? await api.post(fixes: SentFix.body(fixes), to: fleet, on: client) else {
                return
            }
            ledger.answered(keys, status: answer.status)
            if answer.status == 202 { state.withLock { $0.open = nil } }
        }
    }

    private func nextPost() -> [SentFix] {
        state.withLock { state in
            if let open = state.open { return open }
            let count = 1 + state.next % 20
            let fixes = (0..<count).map { index in
                SentFix("\(name)-\((state.next + index) % 5)", at: (state.next + index) * 10)
            }
            state.next += count
            state.open = fixes
            return fixes
        }
    }
}
