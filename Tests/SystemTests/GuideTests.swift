import HarborFleetTesting
import Testing

/// What README and the guides say of a running server, tried on one that was started as README says: with a demo fleet
/// and a private PostgreSQL.
@Suite(.serialized, .timeLimit(.minutes(2))) struct GuideTests {
    /// The server, and the output of README's commands for the first fix, which leave the secret in `acme.secret`.
    private static let start = Task {
        let server = try await ServerProcess(database: .privatePostgres)
        try await server.start(["--demo"])
        let script = try Guide(at: Guide.readme).block("first-fix")
            .replacing(".build/release/harbor-fleet", with: server.program)
            // The status behind the body.
            .replacing(#"curl -sS -w '\n' "#, with: "curl -sS -w ' %{http_code}' ")
        return (server, try await server.run(script: addressed(script, to: server)))
    }

    /// The commands with the server's ports in place of the default ones.
    private static func addressed(_ commands: String, to server: ServerProcess) -> String {
        commands.replacing("http://127.0.0.1:8080", with: "http://127.0.0.1:\(server.publicPort)")
            .replacing("http://127.0.0.1:8081", with: "http://127.0.0.1:\(server.operationsPort)")
    }

    @Test func commandsForTheFirstFix_storeIt_andTheStatusShowsIt() async throws {
        let (server, output) = try await Self.start.value
        #expect(output.exit == .code(0), "\(output.standardError)")
        #expect(output.standardOutput.hasSuffix(" 202"), "\(output.standardOutput)")
        #expect(output.standardOutput.contains(#"{"accepted":1,"#), "\(output.standardOutput)")

        let token = try await server.addToken("guide")
        let live = try await LiveClient(
            port: server.publicPort, path: "/api/v1/fleets/harbor-north/live?token=\(token)")
        // The 202 waits for the commit and not for the tracker.
        try await live.message { message in
            message.vehicleId == "van-7" || message.vehicles?.contains { $0.vehicleId == "van-7" } == true
        }
        let fixes = try await APIClient(port: server.publicPort, token: token).newestFixes(of: "harbor-north")
        #expect(fixes.contains { $0.hasPrefix("van-7@") }, "\(fixes)")
    }

    @Test(arguments: ["curl": "sh example", "python": "python3 example", "node": "node example.mjs"])
    func exampleOfSendingFixes_isAccepted(name: String, command: String) async throws {
        let (server, _) = try await Self.start.value
        let example = Self.addressed(try Guide(at: Guide.sendingFixes).block(name), to: server)
            // A fix of its own, also within the second of another example.
            .replacing("van-7", with: "van-\(name)")
        let output = try await server.run(
            script: """
                cat > \(command.split(separator: " ")[1]) <<'END'
                \(example)
                END
                \(command)
                """)
        #expect(output.exit == .code(0), "\(output.standardError)")
        #expect(output.standardOutput.contains(/"?'?accepted"?'?: ?1\b/), "\(output.standardOutput)")
    }

    @Test(arguments: [
        (Guide.reading, "status", #""vehicle_id":"van-7""#), (Guide.reading, "track", "</gpx>"),
        (Guide.operating, "operations", "harbor_fixes_accepted_total"),
    ])
    func exampleOfReading_getsItsResponse(guide: String, name: String, part: String) async throws {
        let (server, _) = try await Self.start.value
        let example = try Guide(at: guide).block(name)
            .replacing("hft_...", with: try await server.addToken("reader-\(name)"))
        let output = try await server.run(script: Self.addressed(example, to: server))
        #expect(output.exit == .code(0), "\(output.standardError)")
        #expect(output.standardOutput.contains(part), "\(output.standardOutput.prefix(1_000))")
    }

    @Test func treeInTheGuide_isTheSupervisionTreeOfTheServer() async throws {
        struct Node: Decodable {
            struct Child: Decodable { let name: String }
            let children: [Child]
        }
        let (server, _) = try await Self.start.value
        let tree = try await APIClient(port: server.operationsPort).get("/supervision").json(Node.self)
        #expect(try Guide(at: Guide.operating).tree("supervision-tree") == tree.children.map(\.name))
    }
}
