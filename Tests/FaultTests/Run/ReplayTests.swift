import Foundation
import HarborFleetTesting
import Testing

/// Each POST is sent one to three times at the same time, to two servers on the same database.
@Suite struct ReplayTests {
    private static let reconcile: Duration = .seconds(1)
    private static let workers = 12

    /// One copy of a POST, and the server that it goes to.
    private struct Copy: Sendable {
        let post: LedgerPost
        let body: [UInt8]
        let server: Int
    }

    @Test(.timeLimit(.minutes(3)), arguments: [false, true])
    func fixes_areStoredOnce_andCountedAsAcceptedOnce(postsOverlap: Bool) async throws {
        let database = try await TestPostgres.shared.makeDatabase()
        let servers = [try await Self.server(database.url), try await Self.server(database.url)]
        try await servers[0].addFleet("north")
        let secret = try await servers[0].addPartner("acme", fleets: ["north"])
        let book = LedgerBook()
        let couriers = servers.map {
            Courier(api: APIClient(port: $0.publicPort, secret: secret), book: book)
        }
        try await Self.send(Self.copies(overlapping: postsOverlap), by: couriers)

        let session = try await SuperuserSession(url: database.url)
        let tables = try await TableReader(session: session).tables()
        await session.close()
        let ledger = book.value
        #expect(book.unexpected == [])
        #expect(ledger.refusals.isEmpty && ledger.lost == 0)
        #expect(LedgerCheck(ledger: ledger, tables: tables).violations == [])
        #expect(tables.receipts.count == ledger.copies)
        let accepted = ledger.entries.values.map { entry in entry.responses.reduce(0) { $0 + $1.accepted } }
        #expect(accepted.reduce(0, +) == tables.rows.count)
        if !postsOverlap {
            #expect(zip(ledger.entries.values, accepted).allSatisfy { $0.post.fixes.count == $1 })
        }
        for server in servers {
            var wrong: [Violation] = []
            // The status over HTTP is what is checked, and it is read: it announces no change.
            let isRight = try await eventually(within: Self.reconcile + .seconds(4)) {
                let shown = try await StatusReader(port: server.publicPort, fleets: ["north"]).shown()
                wrong = LedgerCheck.status(shown, against: tables.newest)
                return wrong.isEmpty
            }
            #expect(isRight, "\(wrong.prefix(5))")
        }
    }

    private static func server(_ url: String) async throws -> ServerProcess {
        let server = try await ServerProcess(
            database: .url(url),
            environment: [
                "HARBOR_RECONCILE_S": "1", "HARBOR_PUBLIC_READ": "true", "HARBOR_RETENTION_DAYS": "2",
                "HARBOR_SECRET_KEY": String(repeating: "A", count: 43) + "=",
            ])
        try await server.start()
        return server
    }

    /// In an order that sends the copies of a POST at the same time.
    /// - Parameter overlapping: whether the fixes of a POST are also in the next one, in the opposite order and with
    ///   another content. Two servers that insert them would deadlock if they did not sort them.
    private static func copies(overlapping: Bool) -> [Copy] {
        (0..<120).flatMap { number in
            let fixes = (0..<10).map { place in
                LedgerFix(
                    key: FixKey(
                        vehicle: VehicleName(fleet: "north", vehicle: "v\(place % 5)"),
                        milliseconds: PostMaker.start
                            + Int64((overlapping ? number / 2 : number) * 10 + place)),
                    number: 1 + number * 10 + place)
            }
            let post = LedgerPost(
                id: "msg_\(number)", partner: "acme", fleet: "north",
                fixes: number.isMultiple(of: 2) ? fixes : fixes.reversed())
            let body = post.body
            return (0...number % 3).map { copy in
                Copy(post: post, body: body, server: (number / 3 + copy) % 2)
            }
        }
    }

    private static func send(_ copies: [Copy], by couriers: [Courier]) async throws {
        await withTaskGroup(of: Void.self) { tasks in
            for worker in 0..<workers {
                tasks.addTask {
                    var connections: [RawClient?] = [nil, nil]
                    for index in stride(from: worker, to: copies.count, by: workers) {
                        let copy = copies[index]
                        _ = await couriers[copy.server].send(
                            copy.post, copy.body, on: &connections[copy.server])
                    }
                }
            }
        }
    }
}
