/// The bytes of one connection that are on their way in one direction. A value: no descriptor, no clock.
struct ProxyStream {
    typealias Instant = ContinuousClock.Instant

    /// What the mode does to a direction.
    struct Rule: Equatable {
        /// Whether anything passes at all.
        var passes = true
        var delay: Duration = .zero
        /// How many bytes pass until the connection is cut; nil for no end.
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

    /// How much is held at most: what passes more slowly than it comes is left with its sender.
    static let capacity = 262_144

    var rule: Rule {
        didSet { passed = 0 }
    }
    private var chunks: [Chunk] = []
    private var held = 0
    /// Since the rule was set.
    private var passed = 0
    /// The sender has ended its direction, and when that is to be passed on.
    private var endDue: Instant?
    /// The end has been passed on.
    private(set) var isOver = false

    init(rule: Rule) { self.rule = rule }

    /// Whether the sender is listened to.
    var isReading: Bool { rule.passes && endDue == nil && held < Self.capacity }

    mutating func received(_ bytes: [UInt8], at now: Instant) {
        held += bytes.count
        chunks.append(Chunk(bytes: bytes[...], due: now + rule.delay))
    }

    /// The sender sends no more.
    mutating func ended(at now: Instant) {
        if endDue == nil { endDue = now + rule.delay }
    }

    /// Whether a byte is there that the rule lets nobody have: the connection is to be cut.
    func isExhausted(at now: Instant) -> Bool {
        guard let allowance = rule.allowance, passed >= allowance else { return false }
        return chunks.first.map { $0.due <= now } ?? false
    }

    /// What can be written now; empty when nothing can.
    func writable(at now: Instant) -> ArraySlice<UInt8> {
        guard rule.passes, let first = chunks.first, first.due <= now else { return [] }
        guard let allowance = rule.allowance else { return first.bytes }
        return first.bytes.prefix(max(allowance - passed, 0))
    }

    /// So many of the writable bytes were written.
    mutating func wrote(_ count: Int) {
        guard !chunks.isEmpty else { return }
        passed += count
        held -= count
        chunks[0].bytes.removeFirst(min(count, chunks[0].bytes.count))
        if chunks[0].bytes.isEmpty { chunks.removeFirst() }
    }

    /// Whether the receiver is to be told now that no more comes; true once.
    mutating func takesEnd(at now: Instant) -> Bool {
        guard rule.passes, !isOver, chunks.isEmpty, let endDue, endDue <= now else { return false }
        isOver = true
        return true
    }

    /// When there will be something to do that nobody announces.
    var nextDue: Instant? {
        guard rule.passes else { return nil }
        return chunks.first?.due ?? (isOver ? nil : endDue)
    }
}
