internal import Endpoint
internal import EventLoops
internal import Metrics
internal import StoreCache
internal import Synchronization

/// Accounts for the bytes that wait for the clients of streams, and ends connections that hold too much.
final class StreamBacklog: Sendable {
    /// The stream was ended before its first byte, to make room for others.
    struct CutError: Error {}

    fileprivate struct Content {
        var state: StreamBacklogState
        var lastStream: UInt64 = 0
        /// The writers of the streams that have begun to send.
        var writers: [UInt64: BodyWriter] = [:]
        /// The values that the gauges show: streams and bytes.
        var told = (count: 0, bytes: 0)

        /// By how much the gauges must change.
        mutating func change() -> (count: Int, bytes: Int) {
            let before = told
            told = (state.count, state.bytes)
            return (told.count - before.count, told.bytes - before.bytes)
        }
    }

    fileprivate let content: Mutex<Content>
    fileprivate let now: @Sendable () -> MonotonicInstant
    private let count = Meter(label: "harbor_tracks")
    private let bytes = Meter(label: "harbor_tracks_backlog_bytes")

    init(_ limits: StreamBacklogState.Limits, now: @escaping @Sendable () -> MonotonicInstant = { .read() }) {
        content = Mutex(Content(state: StreamBacklogState(limits: limits)))
        self.now = now
    }

    /// Streams that send or wait for their turn.
    var streams: Int { content.withLock { $0.state.count } }

    /// Whether more than half of the allowed bytes wait. Each stream should then hold little.
    var isCrowded: Bool { content.withLock { $0.state.isCrowded } }

    /// Admits a stream.
    /// - Parameter reserved: the bytes that the stream counts with at least.
    /// - Throws: `Problem` 429 when its reader is at its bound, 503 when all streams together are at theirs.
    func admit(_ reader: Requester, reserving reserved: Int) throws(Problem) -> StreamShare {
        let now = now()
        let (stream, admission) = change { content in
            content.lastStream &+= 1
            let admission = content.state.begins(
                content.lastStream, of: reader, reserving: reserved, now: now)
            return (content.lastStream, admission)
        }
        cut(admission.cuts)
        switch admission.refusal {
        case nil: break
        case .reader?: throw .tooManyTracksOfOneReader(cause: StreamBacklogState.Bound.reader.rawValue)
        case .server?: throw .tooManyTracks(cause: StreamBacklogState.Bound.server.rawValue)
        }
        return StreamShare(stream, of: self)
    }

    fileprivate func cut(_ cuts: [StreamBacklogState.Cut]) {
        for cut in cuts {
            Counter(label: "harbor_tracks_cut_total", dimensions: [("bound", cut.bound.rawValue)]).increment()
            content.withLock { $0.writers.removeValue(forKey: cut.stream) }?.cut()
        }
    }

    /// Changes the account, and then the gauges.
    @discardableResult
    fileprivate func change<Result>(_ body: (inout Content) -> Result) -> Result {
        let (result, change) = content.withLock { content in
            let result = body(&content)
            return (result, content.change())
        }
        if change.count != 0 { count.increment(by: Double(change.count)) }
        if change.bytes != 0 { bytes.increment(by: Double(change.bytes)) }
        return result
    }
}

/// One stream's share of the backlog. Its deinit removes the stream from the account, however the stream ends:
/// sent, cut, or never begun.
final class StreamShare: Sendable {
    private let stream: UInt64
    private let backlog: StreamBacklog

    fileprivate init(_ stream: UInt64, of backlog: StreamBacklog) {
        self.stream = stream
        self.backlog = backlog
    }

    deinit {
        backlog.change { content in
            content.writers[stream] = nil
            content.state.ended(stream)
        }
    }

    /// Whether the stream should hold little.
    var isCrowded: Bool { backlog.isCrowded }

    /// Records that the stream begins to send.
    /// - Throws: `CutError` when it has been cut.
    func begins(_ writer: BodyWriter) throws {
        let isOpen = backlog.content.withLock { content in
            guard content.state.isOpen(stream) else { return false }
            content.writers[stream] = writer
            return true
        }
        if !isOpen { throw StreamBacklog.CutError() }
    }

    /// Records that another page waits for the client.
    func waits(holding bytes: Int) {
        let now = backlog.now()
        backlog.cut(backlog.change { $0.state.waits(stream, holding: bytes, now: now) })
    }

    /// Records that the client has received a part of what waits.
    func took(holding bytes: Int) { backlog.change { $0.state.took(stream, holding: bytes) } }

    /// Records that the client has received everything that waits.
    func caughtUp(holding bytes: Int) {
        let now = backlog.now()
        backlog.change { $0.state.caughtUp(stream, holding: bytes, now: now) }
    }
}
