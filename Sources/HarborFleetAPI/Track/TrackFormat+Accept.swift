internal import FleetWire
internal import HTTP1

extension TrackFormat {
    /// The format that the client prefers.
    /// - Throws: `Problem` 406 when the client accepts none of the formats.
    init(accept: String?) throws(Problem) {
        let offers = Self.allCases.map(\.rawValue)
        guard let wanted = AcceptHeader(accept).preferred(of: offers), let format = Self(rawValue: wanted)
        else { throw .notAcceptable(offers) }
        self = format
    }
}

extension Problem {
    fileprivate static func notAcceptable(_ offers: [String]) -> Problem {
        Problem(
            .notAcceptable, "not-acceptable",
            detail: "A track is available as \(offers.joined(separator: ", ")).",
            fields: [.vary: TrackController.vary])
    }
}
