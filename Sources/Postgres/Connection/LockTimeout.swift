/// Limits how long statements wait for locks (PostgreSQL manual, 20.11.1).
///
/// A statement that waits for an exclusive lock makes all later statements wait too. When it gives up, they
/// proceed.
package enum LockTimeout {
    /// The statement that sets the limit for the current transaction.
    /// - Parameter limit: at least 1 ms, because 0 means to wait for ever.
    package static func local(_ limit: Duration) -> String { "\(localPrefix)\(milliseconds(limit))" }

    /// The statement that sets the limit for the session.
    package static func session(_ limit: Duration) -> String {
        "\(sessionPrefix)\(milliseconds(limit))"
    }

    /// Whether a script is one of these statements.
    static func isSet(by script: String) -> Bool {
        script.hasPrefix(localPrefix) || script.hasPrefix(sessionPrefix)
    }

    private static let localPrefix = "SET LOCAL lock_timeout = "
    private static let sessionPrefix = "SET lock_timeout = "

    private static func milliseconds(_ limit: Duration) -> Int64 {
        Int64(min(max(limit / .milliseconds(1), 1), 86_400_000))
    }
}
