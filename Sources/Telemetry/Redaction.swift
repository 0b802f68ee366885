/// Decides which metadata must never reach a log.
enum Redaction {
    /// The text that replaces a hidden value.
    static let replacement = "[redacted]"

    private static let keys: Set<String> = ["token", "secret", "authorization", "cookie", "password"]

    /// Whether values under this key are hidden. The key's case does not matter.
    static func hides(_ key: String) -> Bool { keys.contains(key) || keys.contains(key.lowercased()) }
}
