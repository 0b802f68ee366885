/// How log records are written.
package enum LogFormat: String, Sendable, CaseIterable {
    /// One JSON object per line.
    case json
    /// One line to read, metadata at its end.
    case text
}
