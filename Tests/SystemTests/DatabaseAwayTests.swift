import HarborFleetTesting
import Testing

/// Reads that need no database, while PostgreSQL is away.
@Suite(.timeLimit(.minutes(1))) struct DatabaseAwayTests {
    @Test func tokenThatWasNeverUsed_isAccepted_andARevokedOneIsNot_whileTheDatabaseIsAway() async throws {
        let cluster = try await PostgresCluster()
        let server = try await ServerProcess(database: .url(try await cluster.makeDatabase().tcpURL))
        try await server.start()
        try await server.addFleet("north")
        let known = APIClient(port: server.publicPort, token: try await server.addToken("known"))
        let unused = APIClient(port: server.publicPort, token: try await server.addToken("unused"))
        let path = "/api/v1/fleets/north/status"
        #expect(try await known.get(path).status == 200)
        let revoked = APIClient(port: server.publicPort, token: try await server.addToken("revoked"))
        #expect(try await revoked.get(path).status == 200)
        #expect(try await server.run(["tokens", "revoke", "revoked"]).exit == .code(0))
        try await revoked.waitForStatus(401, of: path)
        // The server reads the list of tokens before it looks up an unknown one.
        let unknown = APIClient(port: server.publicPort, token: "hft_" + String(repeating: "u", count: 43))
        #expect(try await unknown.get(path).status == 401)
        try await cluster.stop()
        try await server.waitUntilNotReady()
        try await unused.waitForStatus(200, of: path)
        // The loop that served it last may accept it for a second more, until it hears of the revision.
        try await waitUntil(within: .seconds(2)) { try await revoked.get(path).status != 200 }
        let another = APIClient(port: server.publicPort, token: "hft_" + String(repeating: "a", count: 43))
        #expect(try await another.get(path).status == 503)
    }

    @Test(arguments: [false, true])
    func listOfFleets_waitsForNoDatabase(isFrozen: Bool) async throws {
        let cluster = try await PostgresCluster()
        let server = try await ServerProcess(
            database: .url(try await cluster.makeDatabase().tcpURL),
            environment: ["HARBOR_PUBLIC_READ": "true"])
        try await server.start()
        for fleet in ["cold", "gone", "warm"] { try await server.addFleet(fleet) }
        let client = APIClient(port: server.publicPort)
        let path = "/api/v1/fleets"
        for fleet in ["gone", "warm"] {
            #expect(try await client.get("\(path)/\(fleet)/status").status == 200)
        }
        // A server that knows of the removal has read the list of fleets. No request has loaded the cold one yet.
        #expect(try await server.run(["fleets", "remove", "gone"]).exit == .code(0))
        try await client.waitForStatus(404, of: path + "/gone/status")
        if isFrozen { try await cluster.freeze() } else { try await cluster.stop() }
        let start = ContinuousClock.now
        let list = try await client.get(path)
        #expect(start.duration(to: .now) < OutageCheck.atOnce)
        let text = list.text
        #expect(text.hasPrefix(#"{"fleets":[{"fleet_id":"cold","name":"cold"},{"counts":"#), "\(text)")
        if isFrozen { try await cluster.thaw() } else { try await cluster.start() }
        // The server loads the cold fleet once the database is back. Only the next list shows it.
        try await waitUntil { try await client.get(path).text.hasPrefix(#"{"fleets":[{"counts""#) }
    }
}
