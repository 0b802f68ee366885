import Foundation
import HarborFleetTesting
import Sockets
import Testing

/// What a server and its commands say when they start.
@Suite(.timeLimit(.minutes(2))) struct StartTests {
    @Test func takenPort_endsTheServer_withASentenceThatNamesThePort() async throws {
        let taken = try BoundSocket(try SocketAddress(host: "127.0.0.1", port: 0))
        let address = "\(taken.address)"
        let server = try await ServerProcess(environment: ["HARBOR_HTTP_PORT": "\(taken.address.port)"])
        try server.launch()
        #expect(await server.waitForExit() == .code(1))
        let settings = "(HARBOR_HTTP_HOST, HARBOR_HTTP_PORT)"
        let sentence = "cannot listen on \(address): Address already in use \(settings)"
        #expect(server.log.hasSuffix("Error: \(sentence)\n"), "\(server.log.suffix(500))")
    }

    @Test func takenPort_endsTheServer_beforeItMakesItsDataDirectory() async throws {
        let taken = try BoundSocket(try SocketAddress(host: "127.0.0.1", port: 0))
        for name in ["HARBOR_HTTP_PORT", "HARBOR_OPS_PORT"] {
            let server = try await ServerProcess(
                database: .privatePostgres, environment: [name: "\(taken.address.port)"])
            try server.launch()
            #expect(await server.waitForExit() == .code(1))
            #expect(server.log.contains("\(taken.address): Address already in use"), "\(server.log)")
            #expect(!FileManager.default.fileExists(atPath: server.home.dataDirectory))
        }
    }

    @Test func secondServer_namesTheFirst_whenItHasTheSameDirectoryOrPort() async throws {
        let first = try await ServerProcess(database: .privatePostgres)
        try await first.start()
        let here = first.home.dataDirectory
        let second = try await ServerProcess(
            database: .privatePostgres, environment: ["HARBOR_DATA_DIR": here])
        try second.launch()
        let pid = first.processID ?? 0
        try await second.logLine(containing: "waiting for process \(pid) to ")
        #expect(second.log.contains("\"holder_pid\":\(pid),"))
        #expect(await second.stop(SIGINT) == .code(0))

        let third = try await ServerProcess(
            database: .privatePostgres,
            environment: ["HARBOR_DATA_DIR": here, "HARBOR_HTTP_PORT": "\(first.publicPort)"])
        try third.launch()
        #expect(await third.waitForExit() == .code(1))
        #expect(third.log.contains("127.0.0.1:\(first.publicPort): Address already in use"))
        #expect(try await first.isReady())
    }

    @Test func server_logsThatItListens_andOnceThatItIsReady_whenTheSchemaIsCurrent() async throws {
        let server = try await ServerProcess(environment: ["HARBOR_MIGRATE": "false"])
        try server.launch()
        let address = "\"address\":\"http://127.0.0.1:\(server.publicPort)\""
        let listening = try await server.logLine(saying: "listening")
        #expect(listening.contains(address))
        #expect(listening.contains("\"operations_address\":\"http://127.0.0.1:\(server.operationsPort)\""))
        try await server.logLine(saying: "not ready")
        #expect(lines("ready", of: server).isEmpty)

        #expect(try await server.run(["migrate"]).exit == .code(0))
        // The server logs it without a request for /ready.
        let ready = try await server.logLine(saying: "ready")
        #expect(try await server.isReady())
        #expect(lines("ready", of: server).count == 1)
        #expect(ready.contains(address) && ready.contains("\"pid\":\(server.processID ?? 0),"))
        #expect(lines("ready again", of: server).isEmpty)
    }

    @Test func serverThatWasNeverReady_stopsBySIGINT() async throws {
        let server = try await ServerProcess(environment: ["HARBOR_MIGRATE": "false"])
        try server.launch()
        try await server.logLine(saying: "not ready")
        #expect(await server.stop(SIGINT) == .code(0))
    }

    @Test func commands_printLibpqsReason_whenTheDatabaseRefusesTLS() async throws {
        let cluster = try await PostgresCluster()
        let url = try await cluster.makeDatabase().tcpURL
        let server = try await ServerProcess(
            database: .url(url + " sslmode=require"))
        for command in [["migrate"], ["migrate", "--status"], ["fleets", "list"]] {
            for _ in 1...5 {
                let output = try await server.run(command)
                #expect(output.exit == .code(1) && output.standardOutput.isEmpty)
                let text = output.standardError
                #expect(text.contains("server does not support SSL") && !text.contains("the log"), "\(text)")
            }
        }
    }

    private func lines(_ message: String, of server: ServerProcess) -> [Substring] {
        server.log.split(separator: "\n").filter { $0.contains("\"message\":\"\(message)\"") }
    }
}
