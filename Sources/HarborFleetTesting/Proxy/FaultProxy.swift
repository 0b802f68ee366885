internal import Dispatch
internal import Glibc
internal import Synchronization

/// A TCP proxy in front of a server, usually PostgreSQL, that can make the network fail.
///
///     let proxy = try FaultProxy(to: database.proxyTarget)
///     let pool = PostgresPool(configuration: … database.url(through: proxy) …)
///     await proxy.set(.hang(.both))                         // accepts, passes nothing
///     await proxy.set(.truncate(.toClient, after: 0, .reset))  // the server executes it, the response is lost
///     await proxy.set(.truncate(.toServer, after: 100, .end))  // the server sees the first 100 bytes
///     await proxy.cut(.reset)                               // every connection, now
///     await proxy.set(.pass)
///
/// It passes bytes and knows no protocol. It runs on one thread of its own; a call returns when it is in
/// effect. All sockets are closed when this object is released.
package final class FaultProxy: Sendable {
    /// The destination of the bytes.
    package enum Target: Sendable {
        case unixSocket(path: String)
        /// On 127.0.0.1.
        case tcp(port: UInt16)
    }

    package enum Direction: Sendable, CaseIterable {
        case toServer
        case toClient
    }

    package struct Directions: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        package static let toServer = Directions(rawValue: 1)
        package static let toClient = Directions(rawValue: 2)
        package static let both: Directions = [.toServer, .toClient]

        func includes(_ direction: Direction) -> Bool {
            isSuperset(of: direction == .toServer ? Directions.toServer : Directions.toClient)
        }
    }

    /// How a connection is ended, on both sides.
    package enum Cut: Sendable, CaseIterable {
        /// In an orderly way: FIN.
        case end
        /// RST; a Unix socket is just closed.
        case reset
    }

    /// What happens to the bytes of every connection, including open ones.
    package enum Mode: Sendable, Equatable {
        case pass
        /// Every byte is delayed by this.
        case delay(Duration)
        /// Connections are accepted, and nothing passes in these directions until the mode changes.
        case hang(Directions)
        /// In this direction each connection passes this many bytes from now on; the next byte cuts it.
        case truncate(Direction, after: Int, Cut)
        /// No socket listens: ECONNREFUSED. Open connections continue.
        case refuse
    }

    /// The proxy's port on 127.0.0.1.
    package let port: UInt16
    private let loop: ProxyLoop

    /// Listens on a free port.
    package init(to target: Target) throws {
        port = try FreePort.find()
        loop = try ProxyLoop(port: port, target: target)
        // A serial queue has a thread of its own, outside the pool that Swift's tasks run on.
        DispatchQueue(label: "test.fault-proxy").async { [loop] in loop.run() }
    }

    deinit { loop.submit(.stop, nil) }

    /// Changes the mode, and resets the counts of `truncate`.
    package func set(_ mode: Mode) async {
        await withCheckedContinuation { loop.submit(.mode(mode), $0) }
    }

    /// Ends every open connection; new ones are accepted as before.
    package func cut(_ cut: Cut) async {
        await withCheckedContinuation { loop.submit(.cut(cut), $0) }
    }

    /// The number of open connections.
    package var connections: Int { loop.counts.withLock { $0.open } }

    /// The number of connections that were ever accepted.
    package var accepted: Int { loop.counts.withLock { $0.accepted } }

    /// The number of connections that a `truncate` cut.
    package var truncated: Int { loop.counts.withLock { $0.truncated } }
}
