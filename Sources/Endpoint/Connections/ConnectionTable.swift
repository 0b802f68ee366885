internal import Sockets

/// A connection in its loop's table.
protocol ManagedConnection: AnyObject {
    /// Where it is in the table; nil when it is in none. Only the table sets it.
    var place: Int? { get set }
    /// Whether it counts against the limits, as a refused one does not.
    var isCounted: Bool { get }
    var peerAddress: SocketAddress { get }
    /// Whether its client connects again as soon as it ends.
    var isLongLived: Bool { get }
    /// Ends it as soon as what is under way is done.
    func drain()
    /// Ends it at once.
    func abort()
}

/// The open connections of one loop. Each knows its place, so that adding and removing one costs no hash.
struct ConnectionTable {
    private var connections: [(any ManagedConnection)?] = []
    private var free: [Int] = []

    var isEmpty: Bool { connections.count == free.count }

    /// All connections, in no order.
    var all: [any ManagedConnection] { connections.compactMap(\.self) }

    mutating func insert(_ connection: any ManagedConnection) {
        let place = free.popLast() ?? connections.count
        if place == connections.count {
            connections.append(connection)
        } else {
            connections[place] = connection
        }
        connection.place = place
    }

    /// - Returns: whether it was in here.
    mutating func remove(_ connection: any ManagedConnection) -> Bool {
        guard let place = connection.place else { return false }
        connection.place = nil
        connections[place] = nil
        free.append(place)
        return true
    }
}
