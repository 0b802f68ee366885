internal import CLibPQ

/// The options that libpq derives from a connection string, the environment, the service file and its own defaults
/// (PostgreSQL manual, 34.1.2, 34.15 and 34.17).
struct ConnectOptions: Sendable, Equatable {
    /// Comma-separated lists, as in libpq; empty when not given.
    var host = ""
    var hostAddress = ""
    var port = ""
    /// Whether the user chose any of these settings.
    var hasKeepalives = false
    var hasUserTimeout = false
    /// `target_session_attrs`, if the user named it.
    var sessionAttributes: String?

}

extension ConnectOptions {
    /// Reads the service file if one is named, so it may block for a moment. Connects nowhere. Errors in the string
    /// are ignored here; libpq reports them again when it connects.
    init(url: String) {
        read([("dbname", url)])
        // libpq fills in the default "any". To find out whether the URL itself names "any", the list is read again
        // with a placeholder in front that the URL's value replaces.
        var named = ConnectOptions()
        named.read([("target_session_attrs", Self.unnamed), ("dbname", url)])
        if sessionAttributes == Self.defaultAttributes, named.sessionAttributes == Self.unnamed {
            sessionAttributes = nil
        }
    }

    private static let unnamed = "unnamed"
    private static let defaultAttributes = "any"

    /// Whether the user wants a session that accepts no writes.
    var wantsReadOnly: Bool { ["read-only", "standby", "prefer-standby"].contains(sessionAttributes) }

    /// libpq lists its options only for a connection object. An invalid setting keeps this one from connecting.
    private mutating func read(_ settings: [(keyword: String, value: String)]) {
        let pointer = unsafe ConnectionHandle.start(settings + [("channel_binding", "none")])
        defer { unsafe PQfinish(pointer) }
        guard unsafe PQstatus(pointer) == CONNECTION_BAD, let list = unsafe PQconninfo(pointer) else {
            return
        }
        // The list is owned here until it is freed. It ends with an entry without a keyword.
        defer { unsafe PQconninfoFree(list) }
        var entry = unsafe list
        while let keyword = unsafe entry.pointee.keyword {
            if let value = unsafe entry.pointee.val {
                unsafe take(String(cString: keyword), String(cString: value))
            }
            unsafe entry += 1
        }
    }

    private mutating func take(_ keyword: String, _ value: String) {
        switch keyword {
        case "host": host = value
        case "hostaddr": hostAddress = value
        case "port": port = value
        case "keepalives_idle", "keepalives_interval", "keepalives_count": hasKeepalives = true
        case "tcp_user_timeout": hasUserTimeout = true
        case "target_session_attrs": sessionAttributes = value
        default: break
        }
    }
}
