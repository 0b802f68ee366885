/// The responses of one event, until they are sent together.
///
/// Only the last body stays a reference to bytes that others share, and is sent from where it is. A body that is
/// followed by another response is copied, which costs less than a system call.
struct Output {
    /// Below it a copy costs less than a second part.
    private static let sharedBytes = 2_048

    /// Lent by the loop.
    var bytes: [UInt8] = []
    /// What follows `bytes`.
    private(set) var tail: [UInt8] = []

    var count: Int { bytes.count + tail.count }
    var isEmpty: Bool { bytes.isEmpty && tail.isEmpty }

    /// Appends by what `body` does to the bytes so far.
    mutating func append(_ body: (inout [UInt8]) -> Void) {
        joinTail()
        body(&bytes)
    }

    /// Appends bytes that others share.
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
