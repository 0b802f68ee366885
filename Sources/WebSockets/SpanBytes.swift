extension Array<UInt8> {
    /// Makes a copy of the span's bytes in one step, not byte by byte.
    init(copying span: Span<UInt8>) {
        // The pointer is the span's own memory, span.count bytes, and does not leave the closure.
        self = unsafe span.withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// Appends the span's bytes in one step, not byte by byte.
    mutating func append(copying span: Span<UInt8>) {
        // The pointer is the span's own memory, span.count bytes, and does not leave the closure.
        unsafe span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
