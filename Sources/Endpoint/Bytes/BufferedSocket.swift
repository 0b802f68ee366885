internal import EventLoops
internal import Sockets

/// Handles the readiness of a socket. A socket keeps its owner alive until it is closed.
protocol SocketOwner: AnyObject {
    func socketReady(_ readiness: Readiness)
}

/// A socket with an outbox for what the kernel has not accepted yet. Touched on its loop only.
///
/// A failed read or write sets `isLost`. A send never calls the owner back, because the sender may be in the middle
/// of a list of sockets.
///
/// The fields that every send uses have no run-time check for exclusive access: only one thread touches them, and
/// accesses cannot overlap, because a write of the outbox works on a copy of it.
final class BufferedSocket {
    /// The most reads in one turn, so that one fast sender does not hold up the loop.
    private static let readsPerTurn = 4
    /// The most bytes flushed in one turn, so that one fast reader does not hold up the loop.
    private static let flushPerTurn = 131_072

    let loop: EventLoop
    var owner: (any SocketOwner)?
    private let socket: StreamSocket
    private let buffers: LoopBuffers
    private var watch: Watch?
    @safe @exclusivity(unchecked) private var outbox = Outbox()
    private(set) var isReading = true
    /// Whether the kernel may hold bytes or the end of the input that epoll has reported and will not report again.
    private var mayHaveMore = false
    /// Whether there may be more after a short read, see `Readiness.readsEndShort`. Once set, it stays set.
    private var readsEndShort = false
    private(set) var isLost = false
    @safe @exclusivity(unchecked) private var stall = OutputStall()

    init(_ socket: StreamSocket, on loop: EventLoop, buffers: LoopBuffers) throws(EventLoopError) {
        self.loop = loop
        self.socket = socket
        self.buffers = buffers
        watch = try loop.watch(socket.fileDescriptor, for: .read | .edges) { [self] readiness in
            if readiness.leavesSomething { readsEndShort = true }
            owner?.socketReady(readiness)
        }
    }

    var remoteAddress: SocketAddress { socket.remoteAddress }
    var pendingBytes: Int { outbox.byteCount }
    /// Since when the peer has been reading the outbox too slowly, by `EventLoop.peerNow`; nil while it is empty.
    var stalledSince: MonotonicInstant? { stall.since }
    var isBlocked: Bool { !outbox.isEmpty }

    // MARK: Reading

    /// Reads through the loop's buffer while there is more and `goesOn` returns true.
    /// - Returns: whether the input has ended; a failed read counts as its end.
    func receive(while goesOn: () -> Bool, _ consume: (Span<UInt8>) -> Void) -> Bool {
        for _ in 0..<Self.readsPerTurn {
            switch read() {
            case .bytes(let count):
                loop.readBuffer.withSpan(count) { consume($0) }
                // After a short read nothing is left to read: epoll reports what comes later.
                guard mayHaveMore, goesOn() else { return false }
            case .wouldBlock: return false
            case .endOfFile: return true
            }
        }
        return false
    }

    private func read() -> ReadResult {
        mayHaveMore = false
        do {
            let result = try socket.read(into: loop.readBuffer)
            if case .bytes(let count) = result {
                mayHaveMore = readsEndShort || count == loop.readBuffer.capacity
            }
            return result
        } catch {
            isLost = true
            return .endOfFile
        }
    }

    func setReading(_ reading: Bool) {
        isReading = reading
        updateWatch(renewing: reading && mayHaveMore)
    }

    // MARK: Sending

    /// Sends bytes, and keeps what the kernel does not accept in the outbox. That rest is shared and not copied.
    func send(_ bytes: [UInt8]) {
        let sent = outbox.isEmpty ? write(bytes.span) : 0
        guard sent < bytes.count, !isLost else { return }
        outbox.append(sharing: bytes, from: sent)
        outputBlocked()
    }

    /// Sends two pieces in one system call, and keeps what the kernel does not accept. The rest is normally not copied.
    func send(_ bytes: [UInt8], followedBy tail: [UInt8]) {
        guard !tail.isEmpty else { return send(bytes) }
        let sent = outbox.isEmpty ? write(bytes.span, tail.span) : 0
        guard sent < bytes.count + tail.count, !isLost else { return }
        if sent < bytes.count { outbox.append(sharing: bytes, from: sent) }
        outbox.append(sharing: tail, from: max(sent - bytes.count, 0))
        outputBlocked()
    }

    /// Keeps a copy of bytes for the next `flush`, joined with bytes that were copied before.
    func enqueue(copying bytes: Span<UInt8>) {
        guard !isLost else { return }
        outbox.append(copying: bytes)
    }

    /// Keeps bytes for the next `flush`: short ones as a copy, long ones as a reference.
    func enqueue(_ bytes: [UInt8]) {
        if bytes.count < Outbox.joinLimit { enqueue(copying: bytes.span) } else { enqueue(sharing: bytes) }
    }

    /// Keeps a reference to bytes for the next `flush`.
    func enqueue(sharing bytes: [UInt8]) {
        guard !isLost else { return }
        outbox.append(sharing: bytes)
    }

    /// Sends the outbox, as far as the kernel accepts it, up to `flushPerTurn`.
    func flush() {
        var budget = Self.flushPerTurn
        while !outbox.isEmpty, !isLost, budget > 0 {
            // Works on a copy of the outbox, because a failing write replaces `outbox` during this call.
            let (sent, offered) = outbox.withNextBytes(joinedIn: &buffers.scratch) { (write($0), $0.count) }
            outbox.consume(sent)
            budget -= sent
            stall.taken(sent, now: loop.peerNow)
            if sent < offered { break }
        }
        if outbox.isEmpty { stall.emptied() } else { stall.blocked(now: loop.peerNow) }
        updateWatch(renewing: budget <= 0)
    }

    /// Sets the rate below which the peer counts as stalled, in bytes a second, see `OutputStall`.
    func demand(bytesPerSecond: UInt32) {
        stall.slowestBytesPerSecond = bytesPerSecond
    }

    func discardUnstarted() {
        outbox.discardUnstarted()
    }

    private func write(_ bytes: Span<UInt8>) -> Int {
        do {
            return try socket.write(bytes)
        } catch {
            lost()
            return 0
        }
    }

    private func write(_ bytes: Span<UInt8>, _ tail: Span<UInt8>) -> Int {
        do {
            return try socket.write(bytes, followedBy: tail)
        } catch {
            lost()
            return 0
        }
    }

    private func lost() {
        isLost = true
        outbox = Outbox()
    }

    private func outputBlocked() {
        stall.blocked(now: loop.peerNow)
        updateWatch()
    }

    private func updateWatch(renewing: Bool = false) {
        guard let watch else { return }
        var interest = Interest.edges
        if isReading { interest = interest | .read }
        if !outbox.isEmpty { interest = interest | .write }
        watch.update(interest, renewing: renewing)
    }

    // MARK: End

    func shutdownWrite() {
        socket.shutdownWrite()
    }

    /// Makes the later `close` reset the connection.
    func resetAtClose() {
        socket.resetAtClose()
    }

    /// Closes at once; what is not sent is lost.
    func close() {
        watch?.cancelBeforeClose()
        watch = nil
        socket.close()
        outbox = Outbox()
        owner = nil
    }
}
