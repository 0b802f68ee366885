internal import CLibPQ

/// Connection strings as libpq reads them (PostgreSQL manual, 34.1.1).
package enum ConnectionString {
    /// Whether libpq takes `text` as a URI or as keywords. Connects nowhere.
    package static func isValid(_ text: String) -> Bool {
        // The array of options is ours and is given back; the message, which could hold a password, is not asked for.
        guard let options = unsafe PQconninfoParse(text, nil) else { return false }
        unsafe PQconninfoFree(options)
        return true
    }
}
