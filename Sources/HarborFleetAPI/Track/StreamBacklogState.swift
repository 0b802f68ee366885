internal import EventLoops
internal import StoreCache

/// Accounts for what waits for the clients of streams, and decides which streams end when it is too much. The
/// state decides; `StreamBacklog` ends them.
///
/// From its begin to its end a stream counts with at least its reserved bytes, so that the number of streams is
/// bounded too. When there is too much, the reader that holds most loses the stream whose client has kept it
/// waiting longest. A reader with a single stream loses nothing: below the endpoint's lowest rate (1 KiB/s) the
/// endpoint ends it anyway.
struct StreamBacklogState {
    struct Limits: Sendable {
        /// Of all streams together. 64 MiB: 256 streams of slow clients, which a server of 512 MiB can bear
        /// beside everything else.
        var bytes = 67_108_864
        /// Of the streams of one reader. A quarter, so that three readers at their bound leave room for others.
        var bytesOfOneReader = 16_777_216
        /// A stream whose client keeps it waiting longer than this may be ended for a new stream of the same
        /// reader.
        var patience: Duration = .seconds(5)
    }

    /// The bound that was reached.
    enum Bound: String, Sendable {
        /// The bound of one reader.
        case reader
        /// The bound of all readers together.
        case server
    }

    /// A stream that must end.
    struct Cut: Equatable {
        let stream: UInt64
        let bound: Bound
    }

    struct Admission: Equatable {
        /// nil when the stream may begin.
        var refusal: Bound?
        /// Streams that must end to make room, even if the room turns out to be too little.
        var cuts: [Cut] = []
    }

    private struct Stream {
        let reader: Requester
        let reserved: Int
        var bytes: Int
        /// Since when the client has kept the stream waiting.
        var since: MonotonicInstant
    }

    private struct Reader {
        var bytes = 0
        var streams: Set<UInt64> = []
    }

    private let limits: Limits
    private var streams: [UInt64: Stream] = [:]
    private var readers: [Requester: Reader] = [:]
    /// The bytes that all streams hold.
    private(set) var bytes = 0

    init(limits: Limits) {
        self.limits = limits
    }

    var count: Int { streams.count }

    /// Whether more than half of the allowed bytes wait. Each stream should then hold little.
    var isCrowded: Bool { bytes > limits.bytes / 2 }

    /// Admits or refuses a new stream, which counts with at least `reserved` bytes.
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

    /// Records that another page of a stream waits for its client.
    /// - Returns: the streams that must end for it; they no longer count.
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

    /// Records that the client has received something; the stream now holds `held` bytes.
    mutating func took(_ stream: UInt64, holding held: Int) {
        set(stream, held)
    }

    /// Records that the client has received everything that waited; the stream may still hold bytes of its own.
    mutating func caughtUp(_ stream: UInt64, holding held: Int, now: MonotonicInstant) {
        streams[stream]?.since = now
        set(stream, held)
    }

    /// Whether a stream is admitted and has not been cut.
    func isOpen(_ stream: UInt64) -> Bool { streams[stream] != nil }

    /// Removes a stream that is over. Does nothing for one that was cut.
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

    /// The reader that holds most, of the readers with more than one stream.
    private var largest: Requester? {
        readers.filter { $0.value.streams.count > 1 }.max { $0.value.bytes < $1.value.bytes }?.key
    }

    /// The reader's stream that has waited longest for its client; nil when the reader has only one stream.
    private func longestWaiting(of reader: Requester) -> UInt64? {
        guard let own = readers[reader]?.streams, own.count > 1 else { return nil }
        return own.min {
            (streams[$0]?.since.nanoseconds ?? 0, $0) < (streams[$1]?.since.nanoseconds ?? 0, $1)
        }
    }
}
