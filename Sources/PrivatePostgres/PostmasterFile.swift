internal import FoundationEssentials

/// The contents of `postmaster.pid` of a running server (PostgreSQL's `miscadmin.h`, LOCK_FILE_LINE_…). It is only
/// read here: only the server itself may write or remove it.
struct PostmasterFile: Sendable, Equatable {
    /// The stage that the server has reached.
    enum Status: String, Sendable {
        case starting
        case ready
        case stopping
        case standby
    }

    let processID: Int32
    /// nil while the file is so new that it lacks the line.
    let status: Status?

    /// Parses the text; nil when its first line is not a process id.
    init?(text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        // A negative number marks a single-user server.
        guard let first = lines.first, let id = Int32(first.filter { !$0.isWhitespace }), id > 0 else {
            return nil
        }
        processID = id
        status = lines.count > 7 ? Status(rawValue: lines[7].filter { !$0.isWhitespace }) : nil
    }

    /// Reads the file; nil when it does not exist or cannot be read.
    init?(path: String) {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        self.init(text: text)
    }
}
