internal import Foundation
internal import Glibc
internal import Processes

/// The lines that one process appends to a file, as events. A test can wait for a line.
///
/// The process writes to the file itself: the file is whole when the process has ended, however slow its reader is.
/// A thread waits for notices of writes and for the end of the process.
final class ProcessLog: Sendable {
    private enum Entry: Sendable {
        case line(String)
        /// The process has ended. Last.
        case ended
    }

    private let entries = EventRecorder<Entry>()
    private let file: FileDescriptor
    private let writes: FileWatch
    private let process: ProcessDescriptor

    /// Follows a file until the process has ended.
    /// - Parameters:
    ///   - id: the process, which is not reaped yet.
    ///   - offset: how long the file was, in bytes, when the process started.
    init(of id: Int32, at path: String, from offset: Int) throws {
        file = try FileDescriptor(opening: path, O_RDONLY)
        writes = try FileWatch(of: path, for: IN_MODIFY)
        process = try ProcessDescriptor(of: id)
        Thread.detachNewThread { self.follow(from: offset) }
    }

    /// How many lines there are so far.
    var count: Int { entries.events.count }

    /// Returns the first line that holds a text, once it is there; nil when the process ends without it, or after
    /// `limit`.
    /// - Parameter start: the number of lines that are passed over.
    func line(containing text: String, from start: Int, within limit: Duration) async -> String? {
        let entry = await entries.first(from: start, within: limit) { entry in
            guard case .line(let line) = entry else { return true }
            return line.contains(text)
        }
        guard case .line(let line)? = entry else { return nil }
        return line
    }

    private func follow(from offset: Int) {
        var reader = LineReader(offset: offset)
        var hasEnded = false
        while true {
            entries.record(contentsOf: reader.lines(of: file).map { .line($0) })
            if hasEnded { return entries.record(.ended) }
            // The file is read once more after the end, so nothing that the process wrote is missed.
            hasEnded = waitForNews()
        }
    }

    /// Blocks until something is written or the process ends.
    /// - Returns: whether the process has ended.
    private func waitForNews() -> Bool {
        var watched = [writes.fileDescriptor.rawValue, process.fileDescriptor.rawValue].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        // The array lends its two entries for the call.
        _ = unsafe poll(&watched, nfds_t(watched.count), -1)
        if watched[0].revents != 0 { writes.takeNotices() }
        return watched[1].revents != 0
    }
}

/// Reads a file that grows, line by line.
private struct LineReader {
    private var offset: Int
    /// The beginning of a line whose end is not written yet.
    private var rest: [UInt8] = []

    init(offset: Int) { self.offset = offset }

    /// The lines that are whole since the last call.
    mutating func lines(of file: borrowing FileDescriptor) -> [String] {
        while let bytes = try? file.read(65_536, at: offset), !bytes.isEmpty {
            offset += bytes.count
            rest += bytes
        }
        guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        defer { rest.removeSubrange(...end) }
        return rest[..<end].split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }
}
