internal import FoundationEssentials

/// What a running server tells in `postmaster.pid` (PostgreSQL's `miscadmin.h`, LOCK_FILE_LINE_…). It is only ever
/// read: the server alone may write or remove it.
struct PostmasterFile: Sendable, Equatable {
    /// How far the server is.
    enum Status: String, Sendable {
        case starting
        case ready
        case stopping
        case standby
    }

    let processID: Int32
    /// Nil while the file is too young to have the line.
    let status: Status?

    /// Reads the text; nil when its first line is no process id.
    init?(text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        // A negative number marks a single-user server.
        guard let first = lines.first, let id = Int32(first.filter { !$0.isWhitespace }), id > 0 else {
            return nil
        }
        processID = id
        status = lines.count > 7 ? Status(rawValue: lines[7].filter { !$0.isWhitespace }) : nil
    }

    /// Reads the file; nil when there is none.
    init?(path: String) {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        self.init(text: text)
    }
}
