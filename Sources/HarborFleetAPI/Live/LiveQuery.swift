internal import HTTP1
internal import HarborFleet

/// The query of a live stream: `since`, and `token`, which `Credential` reads.
struct LiveQuery: Sendable, Equatable {
    private static let parameters = KnownParameters(
        ["since", "token"], planned: ["interval_ms", "vehicles", "bbox"])

    /// The position of the client's last stream; nil for a new one.
    let since: StreamPosition?

    /// - Throws: `Problem` 400 that names every invalid parameter. Ignoring one would mislead the client: its
    ///   stream would begin elsewhere, or hold more than it asked for.
    init(_ query: QueryParameters) throws(Problem) {
        var places = Self.parameters.places(of: query)
        since = query["since"].flatMap(StreamPosition.init)
        if query["since"] != nil, since == nil {
            places.append(
                .init(parameter: "since", detail: "must be EPOCH:SEQ, as a stream or a status gave it"))
        }
        guard places.isEmpty else { throw .invalidParameters(places) }
    }
}
