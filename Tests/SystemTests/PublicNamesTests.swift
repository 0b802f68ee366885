import Foundation
import HarborFleetTesting
import Testing

@testable import HarborFleetServer

/// Names that users rely on: commands and flags, settings, metrics, checks, the supervision tree, the API's document.
///
/// Each list is compared with a file in `PublicNames/`. `make record-names` records an intended change, which the
/// diff of its commit then shows.
@Suite(.timeLimit(.minutes(3))) struct PublicNamesTests {
    // MARK: Commands and settings

    @Test func helpOfEachCommand_isAsRecorded() async throws {
        let server = try await ServerProcess()
        try await expect(try await help(of: [], server), isRecordedIn: "help.txt")
    }

    /// The help of a command and of those below it, which its own text lists.
    private func help(of command: [String], _ server: ServerProcess) async throws -> String {
        let output = try await server.run(command + ["--help"])
        #expect(output.exit == .code(0))
        var text = "==> harbor-fleet \(command.joined(separator: " "))\n\(output.standardOutput)"
        let below = output.standardOutput.components(separatedBy: "SUBCOMMANDS:\n").dropFirst().first ?? ""
        for line in below.split(separator: "\n", omittingEmptySubsequences: false).prefix(while: {
            !$0.isEmpty
        })
        where line.hasPrefix("  ") && !line.hasPrefix("   ") {
            let name = line.dropFirst(2).prefix { $0 != " " }
            text += try await help(of: command + [String(name)], server)
        }
        return text
    }

    @Test func settings_areAsRecorded() async throws {
        let names = SettingName.keys.sorted() + SettingName.variables.sorted()
        try await expect(names.joined(separator: "\n") + "\n", isRecordedIn: "settings.txt")
    }

    // MARK: A running server

    @Test func metricsChecksSupervisionTreeAndAPIDocument_areAsRecorded() async throws {
        let server = try await ServerProcess(
            database: .privatePostgres,
            environment: [
                "HARBOR_EVENT_LOOPS": "2", "HARBOR_LOG_LEVEL": "notice", "HARBOR_PUBLIC_READ": "true",
            ])
        try await server.start()
        let operations = APIClient(port: server.operationsPort)
        let live = try await touchEverything(server)

        let document = try await APIClient(port: server.publicPort).get("/api/v1/openapi.json")
        try await expect(
            outline(of: JSONSerialization.jsonObject(with: Data(document.body))), isRecordedIn: "openapi.txt")
        let ready = try await operations.get("/ready").json(Ready.self)
        try await expect(
            ready.checks.keys.sorted().joined(separator: "\n") + "\n", isRecordedIn: "checks.txt")
        let tree = try await operations.get("/supervision").json(Node.self)
        try await expect(tree.outline(), isRecordedIn: "supervision.txt")

        // Some gauges appear after the first look at the database, and a closed socket is counted after its end.
        // Metrics announce neither.
        let recorded = try? recorded("metrics.txt")
        _ = try await eventually(within: .seconds(5)) { try await metrics(operations) == recorded }
        try await expect(try await metrics(operations), isRecordedIn: "metrics.txt")
        // The end of the stream would be counted, too, sooner or later.
        withExtendedLifetime(live) {}
    }

    /// Sends a request of each kind, so that each count by route or cause exists.
    /// - Returns: a live stream that is still open.
    private func touchEverything(_ server: ServerProcess) async throws -> LiveClient {
        try await server.addFleet("north")
        let api = try await server.partner(of: "north")
        let fix = SentFix.body([SentFix("v1", at: 0)])
        try await api.waitForPost(202, vehicle: "v1")
        for path in ["status", "vehicles/v1", "track?vehicle_id=v1", ""] {
            _ = try await api.get("/api/v1/fleets/north/\(path)")
        }
        _ = try await api.get("/nothing")
        _ = try await APIClient(port: server.publicPort).post(fixes: fix, to: "north")
        let live = try await LiveClient(port: server.publicPort, path: "/api/v1/fleets/north/live")
        try await live.messages(count: 1)
        return live
    }

    /// Name, type, meaning and label sets of every metric; no values.
    private func metrics(_ operations: APIClient) async throws -> String {
        let text = String(decoding: try await operations.get("/metrics").body, as: UTF8.self)
        let lines = text.split(separator: "\n").map { line in
            guard !line.hasPrefix("#"), let end = line.lastIndex(of: " ") else { return String(line) }
            return String(line[..<end]).replacing(/(le|status)="[^"]*"/) { "\($0.output.1)=…" }
        }
        var seen: Set<String> = []
        return lines.filter { seen.insert($0).inserted }.sorted().joined(separator: "\n") + "\n"
    }

    private struct Ready: Decodable {
        struct Check: Decodable {}
        let checks: [String: Check]
    }

    private struct Node: Decodable {
        let name: String
        let kind: String
        let children: [Node]

        func outline(_ indent: String = "") -> String {
            "\(indent)\(name) (\(kind))\n" + children.map { $0.outline(indent + "  ") }.joined()
        }
    }

    /// One line for each member: its path, and its value unless that is prose.
    private func outline(of value: Any, at path: String = "") -> String {
        switch value {
        case let members as [String: Any]:
            members.sorted { $0.key < $1.key }.map { outline(of: $0.value, at: "\(path)/\($0.key)") }.joined()
        case let elements as [Any]:
            elements.enumerated().map { outline(of: $0.element, at: "\(path)/\($0.offset)") }.joined()
        case _ where path.hasSuffix("/description") || path.hasSuffix("/summary"): path + "\n"
        default: "\(path) = \(value)\n"
        }
    }

    // MARK: Files

    private func recorded(_ name: String) throws -> String {
        try String(contentsOf: file(name), encoding: .utf8)
    }

    private func file(_ name: String) -> URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "PublicNames/\(name)")
    }

    private func expect(_ found: String, isRecordedIn name: String) async throws {
        if ProcessInfo.processInfo.environment["HARBOR_TEST_RECORD"] != nil {
            return try found.write(to: file(name), atomically: true, encoding: .utf8)
        }
        let lines = found.split(separator: "\n", omittingEmptySubsequences: false)
        let difference = lines.difference(
            from: try recorded(name).split(separator: "\n", omittingEmptySubsequences: false))
        let changes = difference.map { change in
            switch change {
            case .insert(_, let line, _): "+ \(line)"
            case .remove(_, let line, _): "- \(line)"
            }
        }
        #expect(changes.isEmpty, "\(name):\n\(changes.joined(separator: "\n"))")
    }
}
