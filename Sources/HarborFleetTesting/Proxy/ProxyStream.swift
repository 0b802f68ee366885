/// The bytes of one connection in transit in one direction. A value: it uses no descriptor and no clock.
struct ProxyStream {
    typealias Instant = ContinuousClock.Instant

    /// The effect of the mode on one direction.
    struct Rule: Equatable {
        /// Whether anything passes at all.
        var passes = true
        var delay: Duration = .zero
        /// How many bytes pass until the connection is cut; nil for no limit.
        var allowance: Int?

        init(_ mode: FaultProxy.Mode, _ direction: FaultProxy.Direction) {
            switch mode {
            case .pass, .refuse: break
            case .delay(let delay): self.delay = delay
            case .hang(let directions): passes = !directions.includes(direction)
            case .truncate(let truncated, let count, _):
                if truncated == direction { allowance = max(count, 0) }
            }
        }
    }

    private struct Chunk {
        var bytes: ArraySlice<UInt8>
        var due: Instant
    }

    /// The most bytes that are held: bytes that arrive faster than they pass stay with their sender.
    static let capacity = 262_144

    var rule: Rule {
        didSet { passed = 0 }
    }
    private var chunks: [Chunk] = []
    private var held = 0
    /// The number of bytes passed since the rule was set.
    private var passed = 0
    /// When the sender's end must be passed on; nil while the sender has not ended its direction.
    private var endDue: Instant?
    /// Whether the end has been passed on.
    private(set) var isOver = false

    init(rule: Rule) { self.rule = rule }

    /// Whether more bytes are read from the sender.
    var isReading: Bool { rule.passes && endDue == nil && held < Self.capacity }

    mutating func received(_ bytes: [UInt8], at now: Instant) {
        held += bytes.count
        chunks.append(Chunk(bytes: bytes[...], due: now + rule.delay))
    }

    /// Records that the sender sends no more.
    mutating func ended(at now: Instant) {
        if endDue == nil { endDue = now + rule.delay }
    }

    /// Whether a byte has arrived that the rule does not let pass: then the connection must be cut.
    func isExhausted(at now: Instant) -> Bool {
        guard let allowance = rule.allowance, passed >= allowance else { return false }
        return chunks.first.map { $0.due <= now } ?? false
    }

    /// The bytes that can be written now; may be empty.
    func writable(at now: Instant) -> ArraySlice<UInt8> {
        guard rule.passes, let first = chunks.first, first.due <= now else { return [] }
        guard let allowance = rule.allowance else { return first.bytes }
        return first.bytes.prefix(max(allowance - passed, 0))
    }

    /// Records that this many of the writable bytes were written.
    mutating func wrote(_ count: Int) {
        guard !chunks.isEmpty else { return }
        passed += count
        held -= count
        chunks[0].bytes.removeFirst(min(count, chunks[0].bytes.count))
        if chunks[0].bytes.isEmpty { chunks.removeFirst() }
    }

    /// Whether the receiver must now get the end of the stream, because no more bytes follow; true only once.
    mutating func takesEnd(at now: Instant) -> Bool {
        guard rule.passes, !isOver, chunks.isEmpty, let endDue, endDue <= now else { return false }
        isOver = true
        return true
    }

    /// The next instant at which there is something to do without an event of a socket.
    var nextDue: Instant? {
        guard rule.passes else { return nil }
        return chunks.first?.due ?? (isOver ? nil : endDue)
    }
}
