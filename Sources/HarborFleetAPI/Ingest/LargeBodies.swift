internal import EventLoops
internal import Metrics
internal import Sockets
internal import StoreCache
internal import Synchronization

/// Verifies and reads large bodies on no event loop, a few at a time. The bodies that wait are bounded in bytes, over all
/// and for one client.
///
/// | metric | unit | fires |
/// |---|---|---|
/// | `harbor_ingest_large_bytes` | bytes | of large bodies that wait or are read now |
/// | `harbor_ingest_large_refused_total` | POSTs | answered 503, by `cause`: `all` or `client` has too many |
final class LargeBodies: Sendable {
    /// So many bytes are hashed and read on the loop. More take it a good part of a millisecond, of which others would
    /// know.
    static let mostOnLoop = 65_536
    /// Bytes of all bodies that wait or are read.
    private static let limit = 64 << 20

    private let work: OffLoopWork
    private let shares: Mutex<Shares<ClientAddress>>
    private let taken = Meter(label: "harbor_ingest_large_bytes")
    private let refused = [Shares<ClientAddress>.Refusal: Counter](
        label: "harbor_ingest_large_refused_total", causes: [(.all, "all"), (.one, "client")])

    /// - Parameter loops: they keep at least half of the processors.
    init(_ loops: [EventLoop]) {
        // Each caller holds a body, so the bytes bound the callers.
        work = OffLoopWork(width: max(loops.count / 2, 1), maximumWaiting: .max)
        shares = Mutex(Shares(limit: Self.limit, free: Self.limit / 2, share: Self.limit / 4))
        taken.set(0)
    }

    /// Runs `body` apart from the event loops, in the order of the callers.
    /// - Parameter bytes: of the body, as sent.
    /// - Throws: `OffLoopWork.Overloaded` when too many bytes wait, or what `body` throws.
    func run<Value: Sendable>(
        _ bytes: Int, from address: SocketAddress, _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        let client = address.client
        if let refusal = shares.withLock({ $0.take(bytes, for: client) }) {
            refused[refusal]?.increment()
            throw OffLoopWork.Overloaded()
        }
        taken.increment(by: Double(bytes))
        defer {
            shares.withLock { $0.giveBack(bytes, of: client) }
            taken.decrement(by: Double(bytes))
        }
        return try await work.run(body)
    }
}
