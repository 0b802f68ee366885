import Foundation
import HarborFleetTesting
import Testing

/// A server under test.
///
/// `HARBOR_CONFORMANCE_URL` (`host:port`, a numeric host) names a running one, which must have
/// `HARBOR_TEST_ENDPOINTS=true`. Without the variable each of these is the real program with a database of its own.
final class ConformanceServer: Sendable {
    static let shared = Task { try await ConformanceServer() }
    /// For tests that measure the process and take its resources away.
    static let abused = named == nil ? Task { try await ConformanceServer() } : shared

    let host: String
    let port: UInt16
    /// The process, when these tests started it.
    let process: ServerProcess?

    /// The value of `HARBOR_CONFORMANCE_URL`.
    static var named: String? { ProcessInfo.processInfo.environment["HARBOR_CONFORMANCE_URL"] }

    private init() async throws {
        if let named = Self.named {
            let colon = try #require(named.lastIndex(of: ":"), "HARBOR_CONFORMANCE_URL is host:port")
            host = String(named[..<colon])
            port = try #require(UInt16(named[named.index(after: colon)...]), "a port")
            process = nil
        } else {
            let started = try await ServerProcess(environment: [
                "HARBOR_TEST_ENDPOINTS": "true", "HARBOR_LOG_LEVEL": "notice",
            ])
            try await started.start()
            (host, port, process) = ("127.0.0.1", started.publicPort, started)
        }
    }

    /// Opens a connection.
    func connect(receiveBuffer: CInt? = nil, timeoutSeconds: Int = 10) throws -> RawClient {
        try RawClient(host: host, port: port, receiveBuffer: receiveBuffer, timeoutSeconds: timeoutSeconds)
    }
}
