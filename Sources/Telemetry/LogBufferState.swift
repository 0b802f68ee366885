/// The buffer of log lines that wait to be written. It makes the decisions; `LogWriter` acts on them.
struct LogBufferState: Sendable {
    private let capacityBytes: Int
    private var lines: [[UInt8]] = []
    private var bytes = 0
    private var isWriting = false
    private var unreported: UInt64 = 0
    /// The number of lines that were dropped so far: refused because the buffer was full, or not written.
    private(set) var dropped: UInt64 = 0

    init(capacityBytes: Int) { self.capacityBytes = capacityBytes }

    /// Adds a line. A full buffer refuses it and counts the drop.
    /// - Returns: true when the caller must start a writer.
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

    /// The lines that the writer must write next, with the number of lines dropped since the last call. Nil when
    /// there is nothing to write: then the writer must stop.
    mutating func nextLines() -> (lines: [[UInt8]], newlyDropped: UInt64)? {
        guard !lines.isEmpty || unreported > 0 else {
            isWriting = false
            return nil
        }
        defer { (lines, bytes, unreported) = ([], 0, 0) }
        return (lines, unreported)
    }

    /// The writer could not write `count` lines. The log cannot report them, so they are only counted.
    mutating func couldNotWrite(_ count: Int) { dropped &+= UInt64(max(count, 0)) }

    private mutating func countDrop() {
        dropped &+= 1
        unreported &+= 1
    }
}
