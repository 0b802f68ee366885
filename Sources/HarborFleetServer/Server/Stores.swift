internal import FleetAccess
internal import HarborFleet
internal import HarborFleetStorage
internal import Logging
internal import Postgres

/// The domain's stores, all on the same database.
struct Stores: Sendable {
    let fixes: any FixStore
    let fleets: any FleetStore
    let tracks: any TrackStore
    let partners: any PartnerStore
    let tokens: any TokenStore
    let sessions: any SessionStore

    /// - Parameters:
    ///   - recorderPool: the recorder's own connections, so that no query makes a commit wait.
    ///   - revisionPool: one connection for the revision.
    ///   - sealer: opens the partners' secrets.
    init(
        pool: PostgresPool, recorderPool: PostgresPool, revisionPool: PostgresPool,
        sealer: any SealerSource, logger: Logger
    ) {
        fixes = PostgresFixStore(pool: pool, recorder: recorderPool)
        fleets = PostgresFleetStore(pool: pool, revisionPool: revisionPool)
        tracks = PostgresTrackStore(pool: pool)
        partners = PostgresPartnerStore(pool: pool, sealer: sealer, logger: logger)
        tokens = PostgresTokenStore(pool: pool)
        sessions = PostgresSessionStore(pool: pool)
    }
}
