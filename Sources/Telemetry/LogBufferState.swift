/// The lines that wait to be written. Decides; `LogWriter` acts.
struct LogBufferState: Sendable {
    private let capacityBytes: Int
    private var lines: [[UInt8]] = []
    private var bytes = 0
    private var isWriting = false
    private var unreported: UInt64 = 0
    /// How many lines were refused so far.
    private(set) var dropped: UInt64 = 0

    init(capacityBytes: Int) { self.capacityBytes = capacityBytes }

    /// Takes a line in, or refuses the newest and counts it. True when a writer is to be started.
    mutating func offered(_ line: [UInt8]) -> Bool {
        guard bytes + line.count <= capacityBytes else {
            countDrop()
            return false
        }
        lines.append(line)
        bytes += line.count
        defer { isWriting = true }
        return !isWriting
    }

    /// The writer is at work until this gives nothing.
    mutating func nextLines() -> (lines: [[UInt8]], newlyDropped: UInt64)? {
        guard !lines.isEmpty || unreported > 0 else {
            isWriting = false
            return nil
        }
        defer { (lines, bytes, unreported) = ([], 0, 0) }
        return (lines, unreported)
    }

    /// Lines were lost on the way out, where nothing can be told of them.
    mutating func couldNotWrite(_ count: Int) { dropped &+= UInt64(max(count, 0)) }

    private mutating func countDrop() {
        dropped &+= 1
        unreported &+= 1
    }
}
