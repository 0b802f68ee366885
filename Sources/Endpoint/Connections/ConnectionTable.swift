internal import Sockets

/// A connection in its loop's table.
protocol ManagedConnection: AnyObject {
    /// Where it is in the table; nil when it is in none. The table's to set.
    var place: Int? { get set }
    var isCounted: Bool { get }
    var peerAddress: SocketAddress { get }
    /// Ends it as soon as what is under way is done.
    func drain()
    /// Ends it at once.
    func abort()
}

/// The open connections of one loop. Each knows its place, so that neither its coming nor its going costs a hash.
struct ConnectionTable {
    private var connections: [(any ManagedConnection)?] = []
    private var free: [Int] = []

    var count: Int { connections.count - free.count }
    var isEmpty: Bool { count == 0 }

    /// As many as there are, in no order.
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
