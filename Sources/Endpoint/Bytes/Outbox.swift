/// A queue of the bytes that the kernel has not accepted yet.
///
/// Bytes that a connection encodes for itself are copied and joined. Bytes that connections share are kept by reference
/// with an offset. An empty outbox owns almost no memory.
struct Outbox {
    /// A chunk of joined bytes stops growing at this size, because a bigger one would be copied too often as it grows.
    static let joinLimit = 16_384

    private var chunks: [[UInt8]] = []
    /// The index of the first unsent chunk. `offset` is how many of its bytes are sent.
    private var first = 0
    private var offset = 0
    private var ownsLast = false
    private(set) var byteCount = 0

    var isEmpty: Bool { byteCount == 0 }

    /// Appends a copy.
    mutating func append(copying bytes: Span<UInt8>) {
        guard !bytes.isEmpty else { return }
        byteCount += bytes.count
        if ownsLast, let last = chunks.indices.last, chunks[last].count < Self.joinLimit {
            chunks[last].append(copying: bytes)
        } else {
            chunks.append(Array(copying: bytes))
            ownsLast = true
        }
    }

    /// Appends a reference to the bytes from `start` on. With a `start` above 0 and a non-empty outbox, it copies them.
    mutating func append(sharing bytes: [UInt8], from start: Int = 0) {
        guard start < bytes.count else { return }
        if isEmpty {
            offset = start
        } else if start > 0 {
            return append(copying: bytes.span.extracting(start...))
        }
        byteCount += bytes.count - start
        chunks.append(bytes)
        ownsLast = false
    }

    /// Calls `body` with the next bytes to send: a big or single chunk in place, small ones joined in `scratch`.
    func withNextBytes<Result, Failure: Error>(
        joinedIn scratch: inout [UInt8], _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard first < chunks.count else {
            scratch.removeAll(keepingCapacity: true)
            return try body(scratch.span)
        }
        if first == chunks.count - 1 || chunks[first].count - offset >= Self.joinLimit {
            let chunk = chunks[first]
            return try body(chunk.span.extracting(offset...))
        }
        scratch.removeAll(keepingCapacity: true)
        var start = offset
        for chunk in chunks[first...] where scratch.count < Self.joinLimit {
            scratch.append(copying: chunk.span.extracting(start...))
            start = 0
        }
        return try body(scratch.span)
    }

    /// Removes the first `count` bytes, which the kernel has accepted.
    mutating func consume(_ count: Int) {
        var left = min(count, byteCount)
        byteCount -= left
        while left > 0, first < chunks.count {
            let available = chunks[first].count - offset
            guard left >= available else {
                offset += left
                return
            }
            left -= available
            chunks[first] = []
            first += 1
            offset = 0
        }
        compact()
    }

    /// Drops every chunk of which nothing is sent. A chunk that is sent in part stays, or the peer would get half a
    /// frame.
    mutating func discardUnstarted() {
        guard offset > 0, first < chunks.count else {
            self = Outbox()
            return
        }
        chunks.removeSubrange((first + 1)...)
        byteCount = chunks[first].count - offset
        ownsLast = false
    }

    private mutating func compact() {
        if byteCount == 0 {
            self = Outbox()
        } else if first > 32, first > chunks.count / 2 {
            chunks.removeSubrange(..<first)
            first = 0
        }
    }
}
