internal import Endpoint
internal import HTTPTypes
internal import HarborFleet
internal import Supervision

/// `GET /api/v1/fleets/{fleet_id}/vehicles/{vehicle_id}/track`: the stored fixes of a vehicle, the oldest first, sent
/// while they are read.
///
/// The first page is read before the head is sent, so that what is wrong by then has a status of its own. Later pages
/// are read when the client has taken those before.
struct TrackController: Sendable {
    static let vary = "Accept, Accept-Encoding, Authorization"

    /// How much all tracks together may take.
    struct Limits: Sendable {
        /// Tracks under way; one more is told to come again. Each keeps a megabyte or two.
        var tracks = 16
        /// Of these, those of one reader: whoever asks for many at a time leaves room for others.
        var tracksOfOneReader = 4
        /// Pages that are read at a time, each on a connection of the pool's; the others wait for their turn.
        var pages = 1
    }

    private let store: any TrackStore
    private let authenticator: Authenticator
    private let places: TrackPlaces
    private let line: Turnstile

    init(store: any TrackStore, authenticator: Authenticator, limits: Limits = Limits()) {
        self.store = store
        self.authenticator = authenticator
        places = TrackPlaces(limits)
        line = Turnstile(width: limits.pages)
    }

    func track(_ request: Request) throws -> Reply {
        try authenticator.authenticated(request) { request, identity in
            guard let fleetID = request.fleetID, identity.scope.contains(fleetID) else {
                throw Problem.unknownFleet
            }
            guard let vehicleID = request.vehicleID else { throw Problem.unknownVehicle }
            let format = try TrackFormat(accept: request.head[.accept])
            let query = try TrackQuery(request.query)
            let place = try places.take(for: TrackReader(identity, request))
            return .decidedLater {
                let vehicle = try await found(vehicleID, of: fleetID)
                var pages = TrackPages(
                    store: store, vehicle: vehicle, line: line, progress: TrackProgress(query))
                let first = try await pages.next() ?? []
                let track = Track(
                    fleetID: fleetID, format: format, first: first, rest: pages, place: place,
                    compresses: request.takesGzip,
                    checkReader: { try await check(request, reads: fleetID) },
                    checkVehicle: { try await check(vehicle, of: fleetID) })
                return .streamed(track.response)
            }
        }
    }

    private func found(_ id: VehicleID, of fleetID: FleetID) async throws -> TrackedVehicle {
        switch try await store.vehicle(id, of: fleetID) {
        case .found(let vehicle): return vehicle
        case .unknownFleet: throw Problem.unknownFleet
        case .unknownVehicle: throw Problem.unknownVehicle
        }
    }

    /// What is removed is hidden at once, and its fixes are deleted soon: a page that is short for that is no end.
    private func check(_ vehicle: TrackedVehicle, of fleetID: FleetID) async throws {
        guard try await found(vehicle.id, of: fleetID) == vehicle else { throw Problem.unknownVehicle }
    }

    /// A track may last for hours, at a slow client; its token may not last so long.
    private func check(_ request: Request, reads fleetID: FleetID) async throws {
        let identity = try await authenticator.identity(of: request)
        guard identity.scope.contains(fleetID) else { throw Problem.unknownFleet }
    }
}

/// One track on its way.
private struct Track: Sendable {
    let fleetID: FleetID
    let format: TrackFormat
    let first: ArraySlice<StoredFix>
    let rest: TrackPages
    let place: TrackPlace
    let compresses: Bool
    /// Throws when whoever asked may not read any more; asked for each piece.
    let checkReader: @Sendable () async throws -> Void
    /// Throws when the vehicle is gone; asked after each page.
    let checkVehicle: @Sendable () async throws -> Void

    var response: StreamedResponse {
        var fields: HTTPFields = [.contentType: format.contentType]
        fields[.cacheControl] = "private, no-store"
        fields[.vary] = TrackController.vary
        let coding: ContentCoding = compresses ? .gzip : .identity
        return StreamedResponse(.ok, fields: coding.fields(fields)) { try await send(to: $0) }
    }

    private func send(to connection: BodyWriter) async throws {
        var writer = format.writer(of: rest.vehicle.id, in: fleetID)
        let pieces = try TrackPieces(compresses: compresses)
        var pages = rest
        var page = first
        writer.begin(count: page.count, to: &pieces.text)
        while true {
            for fix in page {
                writer.append(fix, to: &pieces.text)
                if pieces.isFull { try await send(pieces, to: connection) }
            }
            try await checkVehicle()
            guard let next = try await pages.next() else { break }
            page = next
        }
        while !writer.appendEnd(next: pages.cursor, to: &pieces.text) {
            if pieces.isFull { try await send(pieces, to: connection) }
        }
        try await send(pieces, to: connection, isLast: true)
        withExtendedLifetime(place) {}
    }

    // Not inlined, like `TrackPages.next`: the optimiser of Swift 6.3.1 crashes on an async function that several of
    // typed errors were inlined into ("While splitting coroutine").
    @inline(never)
    private func send(
        _ pieces: TrackPieces, to connection: BodyWriter, isLast: Bool = false
    ) async throws {
        try await checkReader()
        try await connection.write(try pieces.take(isLast: isLast))
    }
}

extension TrackReader {
    fileprivate init(_ identity: Identity, _ request: Request) {
        self = identity.name.map { .token($0) } ?? .address(request.remoteAddress.host)
    }
}
