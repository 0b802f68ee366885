import Testing

/// The check finds each planted violation, and none where there is none.
@Suite(.timeLimit(.minutes(1))) struct LedgerCheckTests {
    private static let vehicle = VehicleName(fleet: "north", vehicle: "v1")

    private static let body = SentBody([1, 2, 3])

    private static func key(_ milliseconds: Int64) -> FixKey {
        FixKey(vehicle: vehicle, milliseconds: milliseconds)
    }

    private static func row(_ milliseconds: Int64, _ number: Int, post: String = "p1") -> StoredRow {
        StoredRow(
            key: key(milliseconds), content: FixContent(number), receivedAt: 5_000, postID: post)
    }

    private static func receipt(
        _ postID: String, of webhook: String, accepted: Int, duplicates: Int = 0
    ) -> StoredReceipt {
        StoredReceipt(
            postID: postID, webhookID: webhook, partner: "acme", fleet: "north", body: body,
            accepted: accepted, duplicates: duplicates)
    }

    private static func post(_ id: String, _ fixes: [(Int64, Int)]) -> LedgerPost {
        LedgerPost(
            id: id, partner: "acme", fleet: "north",
            fixes: fixes.map { LedgerFix(key: key($0.0), number: $0.1) })
    }

    /// Two fixes that were sent twice and acknowledged the second time. The first copy's response was lost after the
    /// commit.
    private static func sample() -> (FaultLedger, StoredTables) {
        var ledger = FaultLedger()
        let post = post("a", [(100, 1), (200, 2)])
        ledger.sending(post, Self.body)
        ledger.lostResponse()
        ledger.sending(post, Self.body)
        ledger.acknowledged("a", .init(accepted: 0, duplicates: 2))
        let tables = StoredTables(
            rows: [row(100, 1), row(200, 2)], positions: [row(200, 2)],
            receipts: [
                receipt("p1", of: "a", accepted: 2), receipt("p2", of: "a", accepted: 0, duplicates: 2),
            ])
        return (ledger, tables)
    }

    private static func violations(
        _ change: (inout FaultLedger, inout StoredTables) -> Void
    ) -> Set<Violation> {
        var (ledger, tables) = sample()
        change(&ledger, &tables)
        return Set(LedgerCheck(ledger: ledger, tables: tables).violations)
    }

    @Test func check_findsNothing_whenEachFixIsStoredOnce() {
        #expect(Self.violations { _, _ in } == [])
    }

    @Test func missingRow_isAViolation() {
        let found = Self.violations { _, tables in tables.rows.removeFirst() }
        #expect(found == [.missing(Self.key(100)), .receiptMiscounts(postID: "p1")])
    }

    @Test func missingRow_isNoViolation_whenItsFixWasNotAcknowledged() {
        let found = Self.violations { ledger, _ in
            ledger.sending(Self.post("b", [(300, 3)]), Self.body)
        }
        #expect(found == [])
    }

    @Test func doubledRow_isAViolation() {
        let found = Self.violations { _, tables in tables.rows.append(tables.rows[0]) }
        #expect(found == [.doubled(Self.key(100), times: 2), .receiptMiscounts(postID: "p1")])
    }

    @Test func rowThatNoPartnerSent_isAViolation() {
        let found = Self.violations { _, tables in tables.rows.append(Self.row(150, 7, post: "p9")) }
        #expect(found == [.foreign(Self.key(150)), .receiptMiscounts(postID: "p9")])
    }

    @Test func rowWithAnotherContent_isAViolation() {
        let found = Self.violations { _, tables in
            let garbled = FixContent(
                number: 1, latitudeDegrees: 0.5, longitudeDegrees: 9, speedMetersPerSecond: 0)
            tables.rows[0] = StoredRow(
                key: Self.key(100), content: garbled, receivedAt: 5_000, postID: "p1")
        }
        #expect(found == [.wrongContent(Self.key(100))])
    }

    @Test func rowWithALaterContent_isAViolation_whenTheFirstWasAcknowledgedBefore() {
        let found = Self.violations { ledger, tables in
            ledger.sending(Self.post("b", [(100, 9)]), Self.body)
            tables.rows[0] = Self.row(100, 9)
        }
        #expect(found == [.wrongContent(Self.key(100))])
    }

    @Test func eitherContent_isPossible_whenBothWereUnderWay() {
        var ledger = FaultLedger()
        ledger.sending(Self.post("a", [(100, 1)]), Self.body)
        ledger.sending(Self.post("b", [(100, 9)]), Self.body)
        ledger.acknowledged("a", .init(accepted: 0, duplicates: 1))
        for number in [1, 9] { #expect(ledger.claims[Self.key(100)]?.possible.contains(number) == true) }
    }

    @Test func responseThatDoesNotAddUp_isAViolation() {
        let found = Self.violations { ledger, tables in
            ledger.sending(Self.post("b", [(300, 3)]), Self.body)
            ledger.acknowledged("b", .init(accepted: 0, duplicates: 2))
            tables.rows.append(Self.row(300, 3, post: "p3"))
            tables.positions = [Self.row(300, 3, post: "p3")]
            tables.receipts.append(Self.receipt("p3", of: "b", accepted: 1))
        }
        #expect(found == [.wrongCounts(post: "b"), .receiptMissing(post: "b")])
    }

    @Test func fixAcceptedTwice_isAViolation() {
        let found = Self.violations { ledger, tables in
            ledger.acknowledged("a", .init(accepted: 2, duplicates: 0))
            ledger.acknowledged("a", .init(accepted: 2, duplicates: 0))
        }
        #expect(found.contains(.acceptedTooOften(accepted: 4, rows: 2)))
        #expect(found.contains(.receiptMissing(post: "a")))
    }

    @Test func receiptOfNoPost_isAViolation() {
        let found = Self.violations { _, tables in
            tables.receipts.append(Self.receipt("p7", of: "z", accepted: 0))
        }
        #expect(found == [.receiptWrong(post: "z")])
    }

    @Test func receiptOfAnotherBody_isAViolation() {
        for body in [
            SentBody([1, 2, 4]), SentBody(bytes: 3, hash: ""), SentBody(bytes: 4, hash: Self.body.hash),
        ] {
            let found = Self.violations { _, tables in
                let wrong = tables.receipts[0]
                tables.receipts[0] = StoredReceipt(
                    postID: wrong.postID, webhookID: wrong.webhookID, partner: wrong.partner,
                    fleet: wrong.fleet,
                    body: body, accepted: wrong.accepted, duplicates: wrong.duplicates)
            }
            #expect(found == [.receiptWrong(post: "a")])
        }
    }

    /// RFC 6234, 8.5: TEST1.
    @Test func hashOfABody_isSHA256() {
        #expect(
            SentBody(Array("abc".utf8)).hash
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func moreReceiptsThanCopies_areAViolation() {
        let found = Self.violations { _, tables in
            tables.receipts.append(Self.receipt("p7", of: "a", accepted: 0, duplicates: 2))
        }
        #expect(found == [.receiptWrong(post: "a")])
    }

    @Test func positionThatIsNotTheNewestRow_isAViolation() {
        #expect(
            Self.violations { _, tables in tables.positions = [Self.row(100, 1)] } == [
                .wrongPosition(Self.vehicle)
            ])
        #expect(
            Self.violations { _, tables in tables.positions = [] } == [.wrongPosition(Self.vehicle)])
    }

    @Test func statusThatIsNotTheNewestRow_isAViolation() {
        let newest = [Self.vehicle: Self.row(200, 2)]
        let right = ShownVehicle(recordedAt: 200, receivedAt: 5_000, content: FixContent(2))
        let stale = ShownVehicle(recordedAt: 100, receivedAt: 5_000, content: FixContent(1))
        let other = ShownVehicle(recordedAt: 200, receivedAt: 5_000, content: FixContent(3))
        #expect(LedgerCheck.status([Self.vehicle: right], against: newest) == [])
        for wrong in [stale, other] {
            #expect(
                LedgerCheck.status([Self.vehicle: wrong], against: newest) == [.wrongStatus(Self.vehicle)])
        }
        #expect(LedgerCheck.status([:], against: newest) == [.wrongStatus(Self.vehicle)])
        #expect(LedgerCheck.status([Self.vehicle: right], against: [:]) == [.wrongStatus(Self.vehicle)])
    }

    @Test func statusOlderThanTheNewestRow_isAViolation_andANewerOneIsNot() {
        let shown = [
            Self.vehicle: ShownVehicle(recordedAt: 200, receivedAt: 5_000, content: FixContent(2))
        ]
        #expect(LedgerCheck.staleness(of: shown, since: [Self.vehicle: 150]) == [])
        #expect(LedgerCheck.staleness(of: shown, since: [Self.vehicle: 201]) == [.staleStatus(Self.vehicle)])
        #expect(LedgerCheck.staleness(of: [:], since: [Self.vehicle: 1]) == [.staleStatus(Self.vehicle)])
    }
}
