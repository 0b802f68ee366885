import Foundation
import HarborFleetTesting
import Sockets
import Testing

/// What a server and its commands say at their start.
@Suite(.timeLimit(.minutes(2))) struct StartTests {
    @Test func aTakenPort_endsTheServer_withASentenceThatNamesIt() async throws {
        let taken = try BoundSocket(try SocketAddress(host: "127.0.0.1", port: 0))
        let address = "\(taken.address)"
        let server = try await ServerProcess(environment: ["HARBOR_HTTP_PORT": "\(taken.address.port)"])
        try server.launch()
        #expect(await server.waitForExit() == .code(1))
        let sentence = "endpoint-public did not start: cannot listen on \(address): Address already in use"
        #expect(server.log.hasSuffix("Error: \(sentence)\n"), "\(server.log.suffix(500))")
    }

    @Test func aServer_saysThatItListens_andThatItIsReadyOnlyWhenItIs() async throws {
        let server = try await ServerProcess(environment: ["HARBOR_MIGRATE": "false"])
        try server.launch()
        let address = "\"address\":\"http://127.0.0.1:\(server.publicPort)\""
        let listens = try await eventually { !lines("listening", of: server).isEmpty }
        #expect(listens)
        let listening = try #require(lines("listening", of: server).first)
        #expect(listening.contains(address))
        #expect(listening.contains("\"operations_address\":\"http://127.0.0.1:\(server.operationsPort)\""))
        let isToldNotReady = try await eventually { !lines("not ready", of: server).isEmpty }
        #expect(isToldNotReady)
        #expect(lines("ready", of: server).isEmpty)

        #expect(try await server.run(["migrate"]).exit == .code(0))
        // Nobody asks for /ready.
        let isTold = try await eventually { !lines("ready", of: server).isEmpty }
        #expect(isTold)
        #expect(try await server.isReady())
        let ready = lines("ready", of: server)
        #expect(ready.count == 1)
        #expect(ready.first?.contains(address) == true && ready.first?.contains("\"pid\":") == true)
        #expect(lines("ready again", of: server).isEmpty)
    }

    @Test func aServerThatWasNeverReady_stopsWhenItIsTold() async throws {
        let server = try await ServerProcess(environment: ["HARBOR_MIGRATE": "false"])
        try server.launch()
        let listens = try await eventually { !lines("not ready", of: server).isEmpty }
        #expect(listens)
        server.send(SIGINT)
        #expect(await server.waitForExit() == .code(0))
    }

    @Test func aRefusedTLSConnection_isToldByMigrate_inLibpqsWords() async throws {
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
