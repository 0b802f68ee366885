internal import HTTP1
internal import HarborFleet

/// What the query of a live stream asks for: `since`, and `token`, which `Credential` reads.
struct LiveQuery: Sendable, Equatable {
    private static let parameters = KnownParameters(
        ["since", "token"], planned: ["interval_ms", "vehicles", "bbox"])

    /// Where the client's last stream stood; nil for a new one.
    let since: StreamPosition?

    /// - Throws: `Problem` 400 that names every parameter that is wrong: a stream that begins elsewhere, or holds more than
    ///   the client asked for, would mislead it.
    init(_ query: QueryParameters) throws(Problem) {
        var places = Self.parameters.places(of: query)
        since = query["since"].flatMap(StreamPosition.init)
        if query["since"] != nil, since == nil {
            places.append(
                .init(parameter: "since", detail: "must be EPOCH:SEQ as a stream or a status told it"))
        }
        guard places.isEmpty else { throw .invalidParameters(places) }
    }
}
