import HarborFleetTesting

/// A fault of the database, of the connection to it, or of the server.
enum Fault: Hashable, Sendable {
    // The database.
    case stop(PostgresCluster.StopMode)
    case restart(PostgresCluster.StopMode)
    case kill
    case freeze
    case readOnly
    case fewConnections(Int)
    case endConnections
    case lock(table: String)
    // The connection to it.
    case delay(milliseconds: Int)
    case hang(FaultProxy.Direction?)
    case cut(FaultProxy.Cut)
    case truncate(FaultProxy.Direction, after: Int, FaultProxy.Cut)
    case refuse
    // The server.
    case killServer
    case stopServer

    /// Its name without its parameters.
    var kind: String {
        switch self {
        case .stop(let mode): "database stop \(mode)"
        case .restart(let mode): "database restart \(mode)"
        case .kill: "database kill -9"
        case .freeze: "database frozen"
        case .readOnly: "database read-only"
        case .fewConnections: "few connections"
        case .endConnections: "connections ended"
        case .lock(let table): "lock on \(table)"
        case .delay: "delay"
        case .hang(nil): "hang both ways"
        case .hang(.toServer?): "hang to the database"
        case .hang(.toClient?): "hang from the database"
        case .cut(.end): "cut (FIN)"
        case .cut(.reset): "cut (RST)"
        case .truncate(.toServer, _, _): "truncate to the database"
        case .truncate(.toClient, _, _): "truncate from the database"
        case .refuse: "refuse"
        case .killServer: "server kill -9"
        case .stopServer: "server restart"
        }
    }

    var isOfServer: Bool { self == .killServer || self == .stopServer }
}

/// One fault, how long it lasts, and the pause after it.
struct FaultStep: Hashable, Sendable {
    let fault: Fault
    /// A fault of the server while this one lasts.
    let companion: Fault?
    let holdMilliseconds: Int
    let pauseMilliseconds: Int
}
