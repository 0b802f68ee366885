import Foundation
import HarborFleetTesting
import Testing

/// The server that the suite talks to.
///
/// It is the one that `HARBOR_CONFORMANCE_URL` (`host:port`, a numeric host) names, which has to run with
/// `HARBOR_TEST_ENDPOINTS=true`; without the variable the real program is started, with a database of its own.
final class ConformanceServer: Sendable {
    static let shared = Task { try await ConformanceServer() }
    /// For what is no other test's business: the process itself is looked at and starved.
    static let abused = named == nil ? Task { try await ConformanceServer() } : shared

    let host: String
    let port: UInt16
    /// The process, when it was started here.
    let process: ServerProcess?

    /// What `HARBOR_CONFORMANCE_URL` says.
    static var named: String? { ProcessInfo.processInfo.environment["HARBOR_CONFORMANCE_URL"] }

    private init() async throws {
        if let named = Self.named {
            let colon = try #require(named.lastIndex(of: ":"), "HARBOR_CONFORMANCE_URL is host:port")
            host = String(named[..<colon])
            port = try #require(UInt16(named[named.index(after: colon)...]), "a port")
            process = nil
        } else {
            let started = try await ServerProcess(environment: [
                "HARBOR_TEST_ENDPOINTS": "true", "HARBOR_LOG_LEVEL": "critical",
            ])
            try await started.start()
            (host, port, process) = ("127.0.0.1", started.publicPort, started)
        }
    }

    /// A new connection.
    func connect(receiveBuffer: CInt? = nil, timeoutSeconds: Int = 10) throws -> RawClient {
        try RawClient(host: host, port: port, receiveBuffer: receiveBuffer, timeoutSeconds: timeoutSeconds)
    }
}
