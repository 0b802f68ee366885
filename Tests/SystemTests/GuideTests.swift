import HarborFleetTesting
import Testing

/// What README and the guides say of a running server, tried on one that was started as README says: with a demo fleet
/// and a private PostgreSQL.
@Suite(.serialized, .timeLimit(.minutes(2))) struct GuideTests {
    private static let server = Task {
        let server = try await ServerProcess(database: .privatePostgres)
        try await server.start(["--demo"])
        return server
    }

    @Test func commandsForTheFirstFix_storeIt_andTheStatusShowsIt() async throws {
        let server = try await Self.server.value
        let script = try Guide(at: Guide.readme).block("first-fix")
            .replacing(".build/release/harbor-fleet", with: server.program)
            .replacing("http://127.0.0.1:8080", with: "http://127.0.0.1:\(server.publicPort)")
            // The status behind the body.
            .replacing(#"curl -sS -w '\n' "#, with: "curl -sS -w ' %{http_code}' ")
        let output = try await server.run(script: script)
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

    /// The examples read the secret that the first fix left in `acme.secret`.
    @Test(arguments: ["curl": "sh example", "python": "python3 example", "node": "node example.mjs"])
    func exampleOfSendingFixes_isAccepted(name: String, command: String) async throws {
        let server = try await Self.server.value
        let example = try Guide(at: Guide.sendingFixes).block(name)
            .replacing("http://127.0.0.1:8080", with: "http://127.0.0.1:\(server.publicPort)")
            // A fix of its own, also within the second of another example.
            .replacing("van-7", with: "van-\(name)")
        let output = try await server.run(
            script: """
                [ -s acme.secret ] || {
                  '\(server.program)' fleets add harbor-north
                  '\(server.program)' partners add acme --fleet harbor-north > acme.secret
                }
                cat > \(command.split(separator: " ")[1]) <<'END'
                \(example)
                END
                \(command)
                """)
        #expect(output.exit == .code(0), "\(output.standardError)")
        #expect(output.standardOutput.contains(/"?'?accepted"?'?: ?1\b/), "\(output.standardOutput)")
    }

    @Test func treeInTheGuide_isTheSupervisionTreeOfTheServer() async throws {
        struct Node: Decodable {
            struct Child: Decodable { let name: String }
            let children: [Child]
        }
        let server = try await Self.server.value
        let tree = try await APIClient(port: server.operationsPort).get("/supervision").json(Node.self)
        #expect(try Guide(at: Guide.operating).tree("supervision-tree") == tree.children.map(\.name))
    }
}
