internal import CLibPQ

/// What libpq makes of a connection string, with the environment, the service file and its own defaults (PostgreSQL
/// manual, 34.1.2, 34.15 and 34.17).
struct ConnectOptions: Sendable, Equatable {
    /// Lists with commas between, as libpq has them; empty for what is not given.
    var host = ""
    var hostAddress = ""
    var port = ""
    /// Whether each of these was chosen by the user.
    var hasKeepalives = false
    var hasUserTimeout = false
    /// `target_session_attrs`, where the user named it.
    var sessionAttributes: String?

}

extension ConnectOptions {
    /// Reads the service file when one is named, so it may block for a moment; connects nowhere. What libpq finds
    /// wrong with the string it says again when it is to connect.
    init(url: String) {
        read([("dbname", url)])
        // libpq fills in a default, "any". So a URL that names "any" is told by a value in front that it replaces.
        var named = ConnectOptions()
        named.read([("target_session_attrs", Self.unnamed), ("dbname", url)])
        if sessionAttributes == Self.defaultAttributes, named.sessionAttributes == Self.unnamed {
            sessionAttributes = nil
        }
    }

    private static let unnamed = "unnamed"
    private static let defaultAttributes = "any"

    /// Whether a session that takes no writes is what the user wants.
    var wantsReadOnly: Bool { ["read-only", "standby", "prefer-standby"].contains(sessionAttributes) }

    /// libpq tells its options only to a connection. One setting that it refuses keeps this one from connecting.
    private mutating func read(_ settings: [(keyword: String, value: String)]) {
        let pointer = unsafe ConnectionHandle.start(settings + [("channel_binding", "none")])
        defer { unsafe PQfinish(pointer) }
        guard unsafe PQstatus(pointer) == CONNECTION_BAD, let list = unsafe PQconninfo(pointer) else {
            return
        }
        // The list is ours until it is given back; it ends with an entry without a keyword.
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
