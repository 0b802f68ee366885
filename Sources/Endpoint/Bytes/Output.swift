/// Collects the responses of one event, which are then sent together.
///
/// Only the last body may stay a reference to shared bytes, which are sent without a copy. A body that is followed by
/// another response is copied, which costs less than another system call.
struct Output {
    /// A shared body of fewer bytes is copied, because that costs less than sending a second part.
    private static let sharedBytes = 2_048

    /// The loop's output buffer, lent by `LoopBuffers`.
    var bytes: [UInt8] = []
    /// The shared body that is sent after `bytes`; may be empty.
    private(set) var tail: [UInt8] = []

    var count: Int { bytes.count + tail.count }
    var isEmpty: Bool { bytes.isEmpty && tail.isEmpty }

    /// Lets `body` append to the bytes so far.
    mutating func append(_ body: (inout [UInt8]) -> Void) {
        joinTail()
        body(&bytes)
    }

    /// Appends shared bytes, without a copy if they are many.
    mutating func append(shared: [UInt8]) {
        joinTail()
        if shared.count < Self.sharedBytes { bytes.append(contentsOf: shared) } else { tail = shared }
    }

    mutating func removeAll(keepingCapacity: Bool) {
        bytes.removeAll(keepingCapacity: keepingCapacity)
        tail = []
    }

    private mutating func joinTail() {
        guard !tail.isEmpty else { return }
        bytes.append(contentsOf: tail)
        tail = []
    }
}
