internal import CLibPQ

/// Validates connection strings as libpq reads them (PostgreSQL manual, 34.1.1).
package enum ConnectionString {
    /// Whether libpq accepts `text` as a URI or as keywords. Connects nowhere.
    package static func isValid(_ text: String) -> Bool {
        // The array of options is owned here and freed. The message, which could hold a password, is not requested.
        guard let options = unsafe PQconninfoParse(text, nil) else { return false }
        unsafe PQconninfoFree(options)
        return true
    }
}
