/// The format of log records.
package enum LogFormat: String, Sendable, CaseIterable {
    /// One JSON object per line.
    case json
    /// One line of text for people, with the metadata at its end.
    case text
}
