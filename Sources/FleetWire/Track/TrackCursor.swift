package import HarborFleet

/// The position from which a track continues: after the fix that was recorded at that time. Opaque to clients. It
/// grants no access beyond what its user may read anyway.
package struct TrackCursor: Sendable, Equatable {
    /// The prefix of each cursor, so that another kind can be added later.
    private static let version: Character = "1"
    private static let radix = 32

    /// The time of the last fix that was read.
    let recordedAt: Timestamp

    /// - Parameter text: the `text` of a cursor.
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

    /// Letters and digits, and possibly a `-`: nothing that needs escaping in a query, JSON or XML.
    package var text: String { "\(Self.version)\(String(recordedAt.milliseconds, radix: Self.radix))" }

    /// The earliest possible time of the next fix: times are stored in milliseconds.
    package var start: Timestamp { recordedAt.advanced(by: .milliseconds(1)) }
}
