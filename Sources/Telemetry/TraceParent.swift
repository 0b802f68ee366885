/// Where a request stands in a distributed trace: the `traceparent` header (W3C Trace Context, section 3.2).
package struct TraceParent: Sendable, Hashable {
    /// The upper and lower half of the trace's id; not both 0.
    package let traceIDHigh: UInt64
    package let traceIDLow: UInt64
    /// The caller's span; not 0.
    package let parentID: UInt64
    /// Bit 0: sampled. Others are kept as received.
    package let flags: UInt8

    /// Nil when an id is all zeros (sections 3.2.2.3 and 3.2.2.4).
    package init?(traceIDHigh: UInt64, traceIDLow: UInt64, parentID: UInt64, flags: UInt8) {
        guard traceIDHigh | traceIDLow != 0, parentID != 0 else { return nil }
        self.traceIDHigh = traceIDHigh
        self.traceIDLow = traceIDLow
        self.parentID = parentID
        self.flags = flags
    }

    /// Reads a header's value. Of a version that is not known yet its first four fields are taken (section 4.3);
    /// anything malformed gives nil and starts a new trace.
    package init?(_ header: String) {
        let text = Array(header.utf8)
        guard text.count >= 55, [2, 35, 52].allSatisfy({ text[$0] == UInt8(ascii: "-") }),
            let version = Hexadecimal.value(text[0..<2]), version != 0xff,
            text.count == 55 || (version != 0 && text[55] == UInt8(ascii: "-")),
            let high = Hexadecimal.value(text[3..<19]), let low = Hexadecimal.value(text[19..<35]),
            let parentID = Hexadecimal.value(text[36..<52]), let flags = Hexadecimal.value(text[53..<55])
        else { return nil }
        self.init(
            traceIDHigh: high, traceIDLow: low, parentID: parentID, flags: UInt8(truncatingIfNeeded: flags))
    }

    /// A new trace.
    package static func root(isSampled: Bool) -> TraceParent {
        TraceParent(
            nonZeroHigh: .random(in: 0...UInt64.max), low: .random(in: 1...UInt64.max), isSampled ? 1 : 0)
    }

    /// The same trace with a span of ours as the parent of what we call.
    package func child() -> TraceParent { TraceParent(nonZeroHigh: traceIDHigh, low: traceIDLow, flags & 1) }

    /// Whether the caller may have recorded the trace.
    package var isSampled: Bool { flags & 1 == 1 }

    /// The trace's id as 32 digits, for logs.
    package var traceID: String {
        let digits = Hexadecimal.text(traceIDHigh, digits: 16) + Hexadecimal.text(traceIDLow, digits: 16)
        return String(decoding: digits, as: UTF8.self)
    }

    private init(nonZeroHigh high: UInt64, low: UInt64, _ flags: UInt8) {
        traceIDHigh = high
        traceIDLow = low
        parentID = .random(in: 1...UInt64.max)
        self.flags = flags
    }
}

extension TraceParent: CustomStringConvertible {
    /// The header's value, version 00.
    package var description: String {
        let parent = String(decoding: Hexadecimal.text(parentID, digits: 16), as: UTF8.self)
        let flags = String(decoding: Hexadecimal.text(UInt64(flags), digits: 2), as: UTF8.self)
        return "00-\(traceID)-\(parent)-\(flags)"
    }
}
