internal import Dispatch
internal import Glibc
internal import Synchronization

/// A TCP proxy before a server, most often PostgreSQL, that can make the way there fail.
///
///     let proxy = try FaultProxy(to: database.proxyTarget)
///     let pool = PostgresPool(configuration: … database.url(through: proxy) …)
///     await proxy.set(.hang(.both))                         // accepts, passes nothing
///     await proxy.set(.truncate(.toClient, after: 0, .reset))  // the server does it, the answer is lost
///     await proxy.set(.truncate(.toServer, after: 100, .end))  // the server sees the first 100 bytes
///     await proxy.cut(.reset)                               // every connection, now
///     await proxy.set(.pass)
///
/// It passes bytes and knows no protocol. One thread of its own does all; a call returns when it has taken effect.
/// Everything is closed when this is let go.
package final class FaultProxy: Sendable {
    /// Where the bytes go.
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

    /// How a connection is ended, to both sides.
    package enum Cut: Sendable, CaseIterable {
        /// In order: FIN.
        case end
        /// RST; a Unix socket is closed.
        case reset
    }

    /// What is done to the bytes of every connection, those that are there too.
    package enum Mode: Sendable, Equatable {
        case pass
        /// Every byte comes later by this.
        case delay(Duration)
        /// Connections are accepted, and nothing passes in these directions until the mode changes.
        case hang(Directions)
        /// So many bytes of each connection pass in this direction from now on; the next one cuts the connection.
        case truncate(Direction, after: Int, Cut)
        /// Nobody listens: ECONNREFUSED. Connections that are there go on.
        case refuse
    }

    /// On 127.0.0.1.
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

    /// Changes what is done to the bytes, and forgets what was counted for `truncate`.
    package func set(_ mode: Mode) async {
        await withCheckedContinuation { loop.submit(.mode(mode), $0) }
    }

    /// Ends every connection that is there; new ones are taken as before.
    package func cut(_ cut: Cut) async {
        await withCheckedContinuation { loop.submit(.cut(cut), $0) }
    }

    /// How many connections are there.
    package var connections: Int { loop.counts.withLock { $0.open } }

    /// How many connections were ever accepted.
    package var accepted: Int { loop.counts.withLock { $0.accepted } }

    /// How many connections a `truncate` cut.
    package var truncated: Int { loop.counts.withLock { $0.truncated } }
}
