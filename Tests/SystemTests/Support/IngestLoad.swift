import HarborFleetTesting
import Synchronization

/// What partners sent, and what of it was acknowledged. It is kept on the client's side, where a killed server cannot
/// change it.
final class Ledger: Sendable {
    /// Fixes are named by `fleet/vehicle@milliseconds`.
    struct Book: Sendable {
        var sent: Set<String> = []
        var acknowledged: Set<String> = []
        /// How many POSTs were acknowledged.
        var posts = 0
        /// How many responses had each other status.
        var refusals: [Int: Int] = [:]
    }

    private let book = Observed(Book())

    var sent: Set<String> { book.value.sent }
    var acknowledged: Set<String> { book.value.acknowledged }
    var posts: Int { book.value.posts }
    var refusals: [Int: Int] { book.value.refusals }

    func sending(_ keys: [String]) { book.change { $0.sent.formUnion(keys) } }

    func received(_ status: Int, for keys: [String]) {
        book.change { book in
            guard status == 202 else { return book.refusals[status, default: 0] += 1 }
            book.acknowledged.formUnion(keys)
            book.posts += 1
        }
    }

    /// Returns once the book meets a condition.
    /// - Throws: `TestFailure` after `limit`.
    func wait(
        within limit: Duration, until condition: @escaping @Sendable (Book) -> Bool
    ) async throws {
        guard await book.wait(within: limit, until: condition) else {
            throw TestFailure("\(posts) POSTs are acknowledged, refusals: \(refusals)")
        }
    }
}

/// One connection of a partner that posts as fast as it receives responses. It sends a POST without a response again,
/// as a partner must.
final class PostingConnection: Sendable {
    private let name: String
    private let fleet: String
    private let api: APIClient
    private let ledger: Ledger
    /// The number of the next fix, and the POST that is not acknowledged yet.
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
            guard let response = try? await api.post(fixes: SentFix.body(fixes), to: fleet, on: client) else {
                return
            }
            ledger.received(response.status, for: keys)
            if response.status == 202 { state.withLock { $0.open = nil } }
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
