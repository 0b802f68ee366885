package import HarborFleet

/// Where a track goes on: behind the fix that was recorded then. To clients an opaque word; it grants nothing that its
/// reader may not read anyway.
package struct TrackCursor: Sendable, Equatable {
    /// In front of each cursor, so that another kind may come.
    private static let version: Character = "1"
    private static let radix = 32

    /// Of the last fix that was read.
    let recordedAt: Timestamp

    /// - Parameter text: what `text` of another one said.
    /// - Returns: nil for anything else.
    package init?(_ text: String) {
        guard text.first == Self.version,
            let milliseconds = Int64(text.dropFirst(), radix: Self.radix)
        else { return nil }
        recordedAt = Timestamp(milliseconds: milliseconds)
        guard self.text == text else { return nil }
    }

    package init(behind recordedAt: Timestamp) {
        self.recordedAt = recordedAt
    }

    /// Letters and digits, and perhaps a `-`: nothing that a query, JSON or XML would have to escape.
    package var text: String { "\(Self.version)\(String(recordedAt.milliseconds, radix: Self.radix))" }

    /// Where the next fix may be: times are stored in milliseconds.
    package var start: Timestamp { recordedAt.advanced(by: .milliseconds(1)) }
}
