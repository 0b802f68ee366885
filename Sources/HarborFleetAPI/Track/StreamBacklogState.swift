internal import EventLoops
internal import StoreCache

/// What waits for the clients of streams, and who is cut when that is too much. Decides; `StreamBacklog` cuts.
///
/// A stream counts with what is set aside for it at least, from its begin to its end, so that the number of streams is
/// bounded as well. When there is too much, the reader that holds most loses the stream whose client has kept it waiting
/// for longest. A reader with a single stream loses nothing: below the endpoint's slowest rate (1 KiB/s) the endpoint
/// ends it anyway.
struct StreamBacklogState {
    struct Limits: Sendable {
        /// Of all streams. 64 MiB: 256 of slow clients, which a server of 512 MiB can bear beside everything else.
        var bytes = 67_108_864
        /// Of the streams of one reader. A quarter, so that three readers at their bound leave room for others.
        var bytesOfOneReader = 16_777_216
        /// A client that keeps its stream waiting for longer makes way for a new stream of the same reader.
        var patience: Duration = .seconds(5)
    }

    /// Whose bound was reached.
    enum Bound: String, Sendable {
        /// That of one reader.
        case reader
        /// That of all.
        case server
    }

    /// A stream that has to end.
    struct Cut: Equatable {
        let stream: UInt64
        let bound: Bound
    }

    struct Admission: Equatable {
        /// nil when the stream may begin.
        var refusal: Bound?
        /// Streams that have to end for it, also when there is too little room all the same.
        var cuts: [Cut] = []
    }

    private struct Stream {
        let reader: Requester
        let reserved: Int
        var bytes: Int
        /// Since when its client has kept it waiting.
        var since: MonotonicInstant
    }

    private struct Reader {
        var bytes = 0
        var streams: Set<UInt64> = []
    }

    private let limits: Limits
    private var streams: [UInt64: Stream] = [:]
    private var readers: [Requester: Reader] = [:]
    /// What all streams hold.
    private(set) var bytes = 0

    init(limits: Limits) {
        self.limits = limits
    }

    var count: Int { streams.count }

    /// Whether so much waits that streams should hold little.
    var isCrowded: Bool { bytes > limits.bytes / 2 }

    /// A stream would like to begin, and counts with `reserved` bytes at least.
    mutating func begins(
        _ stream: UInt64, of reader: Requester, reserving reserved: Int, now: MonotonicInstant
    ) -> Admission {
        var admission = Admission()
        while readers[reader, default: Reader()].bytes + reserved > limits.bytesOfOneReader {
            guard let slow = longestWaiting(of: reader),
                let since = streams[slow]?.since, now.since(since) > limits.patience
            else {
                admission.refusal = .reader
                return admission
            }
            admission.cuts.append(cut(slow, .reader))
        }
        insert(stream, Stream(reader: reader, reserved: reserved, bytes: reserved, since: now))
        while bytes > limits.bytes {
            guard let largest, largest != reader, let slow = longestWaiting(of: largest) else {
                ended(stream)
                admission.refusal = .server
                break
            }
            admission.cuts.append(cut(slow, .server))
        }
        return admission
    }

    /// Another page of a stream waits for its client.
    /// - Returns: the streams that have to end for it; none of them counts any more.
    mutating func waits(_ stream: UInt64, holding held: Int, now: MonotonicInstant) -> [Cut] {
        streams[stream]?.since = now
        set(stream, held)
        guard let reader = streams[stream]?.reader else { return [] }
        var cuts: [Cut] = []
        while readers[reader, default: Reader()].bytes > limits.bytesOfOneReader,
            let slow = longestWaiting(of: reader)
        {
            cuts.append(cut(slow, .reader))
        }
        while bytes > limits.bytes, let largest, let slow = longestWaiting(of: largest) {
            cuts.append(cut(slow, .server))
        }
        return cuts
    }

    /// The client has taken something; the stream holds this much now.
    mutating func took(_ stream: UInt64, holding held: Int) {
        set(stream, held)
    }

    /// The client has taken all that there was for it; the stream may hold something for itself.
    mutating func caughtUp(_ stream: UInt64, holding held: Int, now: MonotonicInstant) {
        streams[stream]?.since = now
        set(stream, held)
    }

    /// Whether a stream has not been cut.
    func isOpen(_ stream: UInt64) -> Bool { streams[stream] != nil }

    /// A stream is over. Harmless for one that was cut.
    mutating func ended(_ stream: UInt64) {
        guard let gone = streams.removeValue(forKey: stream) else { return }
        bytes -= gone.bytes
        var reader = readers[gone.reader] ?? Reader()
        reader.bytes -= gone.bytes
        reader.streams.remove(stream)
        readers[gone.reader] = reader.streams.isEmpty ? nil : reader
    }

    private mutating func cut(_ stream: UInt64, _ bound: Bound) -> Cut {
        ended(stream)
        return Cut(stream: stream, bound: bound)
    }

    private mutating func insert(_ id: UInt64, _ stream: Stream) {
        streams[id] = stream
        readers[stream.reader, default: Reader()].streams.insert(id)
        readers[stream.reader, default: Reader()].bytes += stream.bytes
        bytes += stream.bytes
    }

    private mutating func set(_ id: UInt64, _ held: Int) {
        guard let stream = streams[id] else { return }
        let change = max(held, stream.reserved) - stream.bytes
        streams[id]?.bytes += change
        readers[stream.reader]?.bytes += change
        bytes += change
    }

    /// The reader that holds most, of those with more than one stream.
    private var largest: Requester? {
        readers.filter { $0.value.streams.count > 1 }.max { $0.value.bytes < $1.value.bytes }?.key
    }

    /// Of a reader's streams; nil when it has only one.
    private func longestWaiting(of reader: Requester) -> UInt64? {
        guard let own = readers[reader]?.streams, own.count > 1 else { return nil }
        return own.min {
            (streams[$0]?.since.nanoseconds ?? 0, $0) < (streams[$1]?.since.nanoseconds ?? 0, $1)
        }
    }
}
