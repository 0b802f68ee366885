/// Which metadata never reaches a log.
enum Redaction {
    /// What stands in its place.
    static let replacement = "[redacted]"

    private static let keys: Set<String> = ["token", "secret", "authorization", "cookie", "password"]

    /// Whether a value under this key is hidden, in whatever case the key is written.
    static func hides(_ key: String) -> Bool { keys.contains(key) || keys.contains(key.lowercased()) }
}
