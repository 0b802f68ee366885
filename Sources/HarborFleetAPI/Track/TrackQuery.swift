internal import FleetWire
internal import HTTP1
internal import HTTPTypes
internal import HarborFleet

/// The requested part of a track: `from`, `to`, `limit` and `cursor`.
struct TrackQuery: Sendable, Equatable {
    static let limits = 1...1_000_000
    static let defaultLimit = 10_000
    private static let parameters = KnownParameters(
        ["from", "to", "limit", "cursor"], planned: ["format", "simplify"])
    /// All times that a request can name.
    private static let always =
        Timestamp(milliseconds: .min / 2)..<Timestamp(milliseconds: .max / 2)

    /// The period, without its last moment.
    let period: Range<Timestamp>
    /// The largest number of fixes to return.
    let limit: Int

    /// - Throws: `Problem` 400 that names every invalid parameter.
    init(_ parameters: QueryParameters) throws(Problem) {
        var errors = Self.parameters.places(of: parameters)
        let from = Self.time("from", parameters, &errors) ?? Self.always.lowerBound
        let to = Self.time("to", parameters, &errors) ?? Self.always.upperBound
        let cursor = Self.value(
            "cursor", parameters, &errors, "must be the next_cursor of a response", TrackCursor.init)
        limit = Self.limit(parameters, &errors) ?? Self.defaultLimit
        if from > to { errors.append(.init(parameter: "to", detail: "must not lie before from")) }
        guard errors.isEmpty else { throw .invalidParameters(errors) }
        let start = max(from, cursor?.start ?? from)
        period = min(start, to)..<to
    }

    /// Reads one parameter; nil when it is absent or invalid.
    /// - Parameter detail: what the parameter must be.
    private static func value<Value>(
        _ name: String, _ parameters: QueryParameters, _ errors: inout [Problem.Place], _ detail: String,
        _ read: (String) -> Value?
    ) -> Value? {
        guard let text = parameters[name] else { return nil }
        if let value = read(text) { return value }
        errors.append(.init(parameter: name, detail: detail))
        return nil
    }

    private static func time(
        _ name: String, _ parameters: QueryParameters, _ errors: inout [Problem.Place]
    ) -> Timestamp? {
        value(name, parameters, &errors, "must be an RFC 3339 time, such as 2026-11-20T17:00:00Z") { text in
            // An offset whose "+" was not escaped arrives as a space. No valid time contains a space.
            Timestamp(rfc3339: text.replacing(" ", with: "+"))
        }
    }

    private static func limit(_ parameters: QueryParameters, _ errors: inout [Problem.Place]) -> Int? {
        let detail = "must be a whole number from \(limits.lowerBound) to \(limits.upperBound)"
        return value("limit", parameters, &errors, detail) { text in
            guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let limit = Int(text) else {
                return nil
            }
            return limits.contains(limit) ? limit : nil
        }
    }
}
