internal import EventLoops
internal import Metrics
internal import Sockets
internal import StoreCache
internal import Synchronization

/// Verifies and reads large bodies off the event loops, a few at a time. The bytes of the bodies that wait are
/// bounded, in all and for each client.
///
/// | metric | unit | fires |
/// |---|---|---|
/// | `harbor_ingest_large_bytes` | bytes | of large bodies that wait or are read now |
/// | `harbor_ingest_large_refused_total` | POSTs | refused with 503, by `cause`: `all` or `client` has too many
/// bytes waiting |
final class LargeBodies: Sendable {
    /// Bodies up to this many bytes are hashed and read on the loop. A larger one takes a good part of a
    /// millisecond, which would delay the loop's other connections.
    static let mostOnLoop = 65_536
    /// At most this many bytes of all bodies wait or are read.
    private static let limit = 64 << 20

    private let work: OffLoopWork
    private let shares: Mutex<Shares<ClientAddress>>
    private let taken = Meter(label: "harbor_ingest_large_bytes")
    private let refused = [Shares<ClientAddress>.Refusal: Counter](
        label: "harbor_ingest_large_refused_total", causes: [(.all, "all"), (.one, "client")])

    /// - Parameter loops: the loops that serve requests. They keep at least half of the processors.
    init(_ loops: [EventLoop]) {
        // Each caller holds a body, so the limit of bytes also bounds the number of callers.
        work = OffLoopWork(width: max(loops.count / 2, 1), maximumWaiting: .max)
        shares = Mutex(Shares(limit: Self.limit, free: Self.limit / 2, share: Self.limit / 4))
        taken.set(0)
    }

    /// Runs `body` off the event loops, in the order of the callers.
    /// - Parameter bytes: the length of the body as sent.
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
