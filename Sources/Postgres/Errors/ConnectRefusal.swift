/// Why a connection was not made, as far as it can be told without naming hosts and roles.
package enum ConnectRefusal: Sendable, Equatable {
    /// The server refused it (PostgreSQL manual, appendix A).
    case server(sqlState: String)
    case hostNotFound
    /// Nobody listens there.
    case nobodyListens
    /// TLS failed, or a certificate was not accepted.
    case tls
    /// No host is what `target_session_attrs` asks for.
    case unwanted
    /// Anything else that libpq tells in its text.
    case other

    /// From libpq's verbose message, the one place where it is told: `SEVERITY:  SQLSTATE: text`. The severity may be
    /// in the server's language; libpq's own texts are in English, as nobody here sets a locale.
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

    /// The last one: of several addresses that were tried it is the last that decided.
    private static func sqlState(in message: String) -> String? {
        let words = message.split(separator: " ", omittingEmptySubsequences: false)
        // Two spaces between severity and state make an empty word.
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
