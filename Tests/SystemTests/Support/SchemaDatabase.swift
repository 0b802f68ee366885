import EventLoops
import HarborFleetTesting
import Logging
import Postgres

/// A connection to the database of a server that runs as a process of its own.
struct SchemaDatabase: Sendable {
    private let connection: PostgresConnection
    private let loop: EventLoop

    init(of server: ServerProcess) async throws {
        loop = try EventLoop(label: "test.schema-database")
        loop.start()
        connection = try await PostgresConnection.open(
            PostgresConfiguration(
                url: server.databaseURL ?? "", applicationName: "test", statementTimeout: .seconds(30)),
            on: loop, logger: .silent)
    }

    func execute(_ sql: String) async throws {
        try await connection.execute(script: sql)
    }

    func number(_ sql: String) async throws -> Int64 {
        try await connection.query(sql)[0].int64(0)
    }

    func numbers(_ sql: String) async throws -> [Int64] {
        try await connection.query(sql).map { try $0.int64(0) }
    }
}

/// One of the checks of `/ready`.
struct ReadinessAnswer: Decodable, Equatable {
    let status: String
    let detail: String

    fileprivate struct Ready: Decodable {
        let checks: [String: ReadinessAnswer]
    }
}

extension ServerProcess {
    /// What `/ready` says of one check; nil while nobody answers.
    func check(_ name: String) async throws -> ReadinessAnswer? {
        guard let answer = try? await APIClient(port: publicPort).get("/ready") else { return nil }
        return try answer.json(ReadinessAnswer.Ready.self).checks[name]
    }
}
