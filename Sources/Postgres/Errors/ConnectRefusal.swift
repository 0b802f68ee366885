/// Why a connection could not be made, as far as that can be said without naming hosts and roles.
package enum ConnectRefusal: Sendable, Equatable {
    /// The server refused the connection (PostgreSQL manual, appendix A).
    case server(sqlState: String)
    case hostNotFound
    /// No process listens at the address.
    case nobodyListens
    /// TLS failed, or a certificate was not accepted.
    case tls
    /// No host satisfies `target_session_attrs`.
    case unwanted
    /// Any other error in libpq's text.
    case other

    /// Parses libpq's verbose message, the only place that holds the SQLSTATE: `SEVERITY:  SQLSTATE: text`. The
    /// severity may be in the server's language. libpq's own texts are in English, because no code of this process
    /// sets a locale.
    init(message: String) {
        if let sqlState = Self.sqlState(in: message) {
            self = .server(sqlState: sqlState)
        } else if message.contains("Connection refused") || message.contains("No such file or directory") {
            self = .nobodyListens
        } else if message.contains("SSL") || message.contains("certificate") {
            self = .tls
        } else if Self.unwantedSessions.contains(where: message.contains) {
            self = .unwanted
        } else {
            self = .other
        }
    }

    private static let unwantedSessions = [
        "session is read-only", "session is not read-only", "server is in hot standby mode",
        "server is not in hot standby mode",
    ]

    /// The last SQLSTATE in the message: when several addresses were tried, the last one decided.
    private static func sqlState(in message: String) -> String? {
        let words = message.split(separator: " ", omittingEmptySubsequences: false)
        // The two spaces between severity and SQLSTATE make an empty word.
        for index in words.indices.dropFirst(2).reversed()
        where words[index - 1].isEmpty && words[index - 2].hasSuffix(":") {
            let word = words[index]
            if word.count == 6, word.hasSuffix(":"), word.dropLast().allSatisfy(isOfState) {
                return String(word.dropLast())
            }
        }
        return nil
    }

    private static func isOfState(_ character: Character) -> Bool {
        character.isASCII && (character.isNumber || character.isUppercase)
    }
}
