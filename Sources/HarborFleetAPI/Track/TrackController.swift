package import Endpoint
internal import EventLoops
internal import FleetWire
internal import HTTPTypes
package import HarborFleet
package import StoreCache
internal import Supervision

/// `GET /api/v1/fleets/{fleet_id}/vehicles/{vehicle_id}/track`: the stored fixes of a vehicle, the oldest first,
/// sent while they are read.
///
/// The first page is read before the head is sent, so that an early failure gets its own status. Each later page
/// is read when the client has received the earlier ones. A track has a place among the reading tracks while it reads
/// and encodes a page; the backlog accounts for what then waits for its client.
package struct TrackController: RouteGroup {
    static let vary = "Accept, Accept-Encoding, Authorization"

    /// The bounds of all tracks together.
    package struct Limits: Sendable {
        /// Bounds of reading and encoding.
        var places = TrackTurnsState.Limits()
        /// Bounds of what waits for clients.
        var backlog = StreamBacklogState.Limits()
        /// Pages that are read at a time, each on a connection of the pool; the others wait for their turn.
        let pages: Int

        /// - Parameter pages: 1 by default.
        package init(pages: Int = 1) { self.pages = pages }
    }

    /// The bytes that a track counts with at least: 64 KiB that the socket has not accepted, 64 KiB that have
    /// gathered, and a small page.
    private static let reservedBytes = 262_144
    /// The same again for a gzip stream.
    private static let reservedForGzip = 262_144

    private let store: any TrackStore
    private let fleets: Fleets
    private let coldLane: ColdLane
    private let authenticator: Authenticator
    private let origins: OriginPolicy
    let places: TrackTurns
    let backlog: StreamBacklog
    private let line: AsyncSemaphore

    /// - Parameter coldLane: bounds the look-ups of vehicles that memory does not know.
    package init(
        store: any TrackStore, fleets: Fleets, coldLane: ColdLane, authenticator: Authenticator,
        origins: OriginPolicy, limits: Limits
    ) {
        self.store = store
        self.fleets = fleets
        self.coldLane = coldLane
        self.authenticator = authenticator
        self.origins = origins
        places = TrackTurns(limits.places)
        backlog = StreamBacklog(limits.backlog)
        line = AsyncSemaphore(permits: limits.pages)
    }

    package var metrics: [String: String] {
        [
            "harbor_tracks": "Tracks being read or waiting for their clients.",
            "harbor_tracks_backlog_bytes": "Bytes set aside for tracks that wait for their clients.",
            "harbor_track_places": "Tracks that are reading and encoding a page now.",
            "harbor_track_waiters": "Tracks that wait for their turn to read a page.",
            "harbor_tracks_refused_total":
                "Tracks refused because too many wait to be read, or too many bytes wait for clients, by cause.",
            "harbor_tracks_cut_total":
                "Tracks cut because too many bytes waited for clients, by bound: of one reader, or of the server.",
        ]
    }

    package func addRoutes(to router: inout Router) {
        router.get(
            "/api/v1/fleets/:fleet_id/vehicles/:vehicle_id/track", origins.guarding { try track($0) })
    }

    func track(_ request: Request) throws -> Reply {
        try authenticator.authenticated(request) { request, identity in
            let fleetID = try request.fleetID(readBy: identity)
            guard let vehicleID = request.vehicleID else { throw Problem.unknownVehicle }
            let format = try TrackFormat(accept: request.head[.accept])
            let query = try TrackQuery(request.query)
            let reader = Requester(identity, request.remoteAddress)
            let compresses = request.takesGzip
            let share = try backlog.admit(
                reader, reserving: Self.reservedBytes + (compresses ? Self.reservedForGzip : 0))
            return .decidedLater {
                let (crosses, first, rest) = try await begin(
                    vehicleID, of: fleetID, query, reader, request,
                    asksWhetherItCrosses: format.cutsLines && request.method != .head)
                let track = Track(
                    format: format, crossesAntimeridian: crosses, first: first, rest: rest, reader: reader,
                    places: places, share: share,
                    compresses: compresses, checkReader: { try await checkReader(of: request) })
                return .streamed(track.response)
            }
        }
    }

    /// Reads the first page, and returns it with the state from which the others are read.
    private func begin(
        _ id: VehicleID, of fleetID: FleetID, _ query: TrackQuery, _ reader: Requester,
        _ request: Request, asksWhetherItCrosses: Bool
    ) async throws -> (crosses: Bool, first: ArraySlice<StoredFix>, rest: TrackPages) {
        // Looked up before the track gets a place: a made-up id waits in the cold lane, and must not hold a place
        // meanwhile.
        let vehicle = try await found(id, of: fleetID, askedBy: request.requester)
        return try await places.withPlace(for: reader, isNew: true) {
            var pages = TrackPages(
                store: store, fleetID: fleetID, vehicle: vehicle, line: line, progress: TrackProgress(query))
            let crosses = asksWhetherItCrosses ? try await pages.crossesAntimeridian() : false
            let first = try await pages.next() ?? []
            return (crosses, first, pages)
        }
    }

    private func found(
        _ id: VehicleID, of fleetID: FleetID, askedBy requester: Requester
    ) async throws -> TrackedVehicle {
        switch try await lookUp(id, of: fleetID, askedBy: requester) {
        case .found(let vehicle): return vehicle
        case .unknownFleet: throw Problem.unknownFleet
        case .unknownVehicle: throw Problem.unknownVehicle
        }
    }

    /// Looks a vehicle up; an id that is in no snapshot may be made up.
    private func lookUp(
        _ id: VehicleID, of fleetID: FleetID, askedBy requester: Requester
    ) async throws -> VehicleLookUp {
        // While the fleet's tracker is not available, all its vehicles go through the cold lane.
        let snapshot = try? await fleets.status(of: fleetID, askedBy: requester)
        guard snapshot?.vehicles[id] == nil else { return try await store.vehicle(id, of: fleetID) }
        return try await coldLane.run(for: requester) { () async throws(StoreError) in
            try await store.vehicle(id, of: fleetID)
        }
    }

    /// A slow client may take hours for a track; its token may expire earlier.
    private func checkReader(of request: Request) async throws {
        _ = try request.fleetID(readBy: try await authenticator.reader(of: request).identity)
    }
}

/// One track that is being sent.
private struct Track: Sendable {
    let format: TrackFormat
    let crossesAntimeridian: Bool
    let first: ArraySlice<StoredFix>
    let rest: TrackPages
    let reader: Requester
    let places: TrackTurns
    let share: StreamShare
    let compresses: Bool
    /// Throws when the reader may not read any more; called for each piece.
    let checkReader: @Sendable () async throws -> Void

    var response: StreamedResponse {
        var fields: HTTPFields = [.contentType: format.contentType]
        fields[.cacheControl] = "private, no-store"
        fields[.vary] = TrackController.vary
        let coding: ContentCoding = compresses ? .gzip : .identity
        return StreamedResponse(.ok, fields: coding.fields(fields)) { try await send(to: $0) }
    }

    private func send(to connection: BodyWriter) async throws {
        try share.begins(connection)
        let encoder = try TrackEncoder(
            first: first, rest,
            writer: format.writer(
                of: rest.vehicle.id, in: rest.fleetID, crossesAntimeridian: crossesAntimeridian),
            compresses: compresses)
        while try await places.withPlace(for: reader, { try await encoder.advance() }) {
            let began = MonotonicInstant.read()
            share.waits(holding: encoder.heldBytes)
            while let piece = encoder.takePiece() {
                try await send(piece, to: connection)
                share.took(holding: encoder.heldBytes)
            }
            share.caughtUp(holding: encoder.heldBytes)
            let isSlow = MonotonicInstant.read().since(began) > TrackProgress.patience
            encoder.holdsLittle = isSlow || share.isCrowded
        }
    }

    // Not inlined, like `TrackPages.next`: the optimiser of Swift 6.3.1 crashes ("While splitting coroutine") on
    // an async function into which several with typed errors were inlined.
    @inline(never)
    private func send(_ piece: [UInt8], to connection: BodyWriter) async throws {
        try await checkReader()
        try await connection.write(piece)
    }
}
