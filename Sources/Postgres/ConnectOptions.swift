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

    init(host: String = "", hostAddress: String = "", port: String = "") {
        self.host = host
        self.hostAddress = hostAddress
        self.port = port
    }

    /// Reads the service file when one is named, so it may block for a moment; connects nowhere. What libpq finds
    /// wrong with the string it says again when it is to connect.
    init(url: String) {
        // libpq tells its options only to a connection. One setting that it refuses keeps this one from connecting.
        let pointer = unsafe CStrings.with(["dbname", "target_session_attrs"]) { keywords in
            unsafe CStrings.with([url, "none"]) { unsafe PQconnectStartParams(keywords, $0, 1) }
        }
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
        default: break
        }
    }
}
