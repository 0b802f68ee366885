import Synchronization
import Testing

/// Counts cases and exchanges for the summary.
enum Ledger {
    /// The parts of the suite.
    enum Part: String, CaseIterable {
        case http = "HTTP/1.1"
        case handshake = "handshake"
        case echo = "WebSocket"
        case deflate = "permessage-deflate"
    }

    private struct Count {
        var cases = 0
        var exchanges = 0
        var failed = 0
    }

    private static let counts = Mutex<[Part: Count]>([:])

    /// Counts one case.
    /// - Parameter exchanges: the number of ways in which it was sent.
    static func note(_ part: Part, exchanges: Int, failed: Bool) {
        counts.withLock { counts in
            counts[part, default: Count()].cases += 1
            counts[part, default: Count()].exchanges += exchanges
            counts[part, default: Count()].failed += failed ? 1 : 0
        }
    }

    /// `conformance: HTTP/1.1 200 cases in 4000 exchanges, 0 failed; …`
    static var summary: String {
        let counts = counts.withLock { $0 }
        let parts = Part.allCases.compactMap { part in
            counts[part].map {
                "\(part.rawValue) \($0.cases) cases in \($0.exchanges) exchanges, \($0.failed) failed"
            }
        }
        return "conformance: " + parts.joined(separator: "; ")
    }
}

/// Prints the summary at the end of its suite.
struct PrintsSummary: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await function()
        print(Ledger.summary)
    }
}

extension Trait where Self == PrintsSummary {
    static var printsSummary: Self { Self() }
}

/// The whole suite; its parts are extensions.
@Suite(.printsSummary, .timeLimit(.minutes(3))) struct Conformance {}
