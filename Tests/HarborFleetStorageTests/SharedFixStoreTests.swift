import HarborFleet
import StoreCache
import Testing

@testable import HarborFleetStorage

/// What `FixStore` promises, for both stores.
@Suite(.timeLimit(.minutes(2))) struct SharedFixStoreTests {
    private func van() throws -> VehicleID { try #require(VehicleID("a")) }

    @Test(arguments: StoreKind.allCases)
    func repeats_countAsDuplicates_withinAndAcrossPosts(kind: StoreKind) async throws {
        try await SharedStores.with(kind) { stores in
            let first = post([try fix("a", 0), try fix("a", 0), try fix("b", 0)])
            let second = post([try fix("b", 0), try fix("b", 1)])
            let outcomes = try await stores.record(first, second)
            #expect(
                outcomes.map(\.counts) == [
                    .init(accepted: 2, duplicates: 1), .init(accepted: 1, duplicates: 1),
                ])
            let later = try await stores.record(post([try fix("a", 0), try fix("b", 1)]))
            #expect(later == [.init(accepted: 0, duplicates: 2)])
            #expect(try await stores.history(van()) == [try fix("a", 0)])
            let other = try #require(VehicleID("b"))
            #expect(try await stores.history(other) == [try fix("b", 0), try fix("b", 1)])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func firstContentOfAFix_isKept(kind: StoreKind) async throws {
        try await SharedStores.with(kind) { stores in
            try await stores.record(
                post([try fix("a", 0, latitude: 1), try fix("a", 0, latitude: 2)]),
                post([try fix("a", 0, latitude: 3)]))
            try await stores.record(post([try fix("a", 0, latitude: 4)]))
            #expect(try await stores.newest().map(\.fix.latitudeDegrees) == [1])
            #expect(try await stores.history(van()).map(\.fix.latitudeDegrees) == [1])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func position_movesForwardOnly(kind: StoreKind) async throws {
        try await SharedStores.with(kind) { stores in
            try await stores.record(post([try fix("a", 10, latitude: 10)]))
            let late = try await stores.record(post([try fix("a", 5, latitude: 5)]))
            #expect(late == [.init(accepted: 1, duplicates: 0)])
            #expect(try await stores.newest().map(\.fix.latitudeDegrees) == [10])
            try await stores.record(post([try fix("a", 30, latitude: 30), try fix("a", 20, latitude: 20)]))
            #expect(try await stores.newest().map(\.fix.latitudeDegrees) == [30])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func reload_givesBackTheStoredFixes(kind: StoreKind) async throws {
        try await SharedStores.with(kind) { stores in
            var stored = try fix(
                "a", 0, attributes: #"{"a":1,"b":"x: \"y\", z","c":true}"#, derivedSpeed: 0.1)
            stored.fix.headingDegrees = 271.1
            stored.fix.altitudeMeters = -3.3
            stored.fix.accuracyMeters = 4
            stored.fix.speedMetersPerSecond = 8.2
            let bare = try fix("b", -86_400)
            try await stores.record(post([stored, bare]))
            #expect(try await stores.newest() == [stored, bare])
            #expect(try await stores.fixes.newestFixes(of: fleetID("south")).isEmpty)
        }
    }

    private static let motions: [Motion?] = [
        nil, .idle, .moving(slow: nil),
        .moving(
            slow: SlowPeriod(
                recordedAt: Timestamp(milliseconds: 1_795_000_000_123),
                receivedAt: Timestamp(milliseconds: 1_795_000_000_456))),
    ]

    @Test(arguments: StoreKind.allCases, motions)
    func reload_givesBackTheMotion_alsoAfterALaterFix(kind: StoreKind, motion: Motion?) async throws {
        try await SharedStores.with(kind) { stores in
            for (second, motion) in [(0, .moving(slow: nil)), (1, motion)] as [(Int, Motion?)] {
                var stored = try fix("a", second)
                stored.motion = motion
                try await stores.record(post([stored]))
            }
            #expect(try await stores.newest().map(\.motion) == [motion])
        }
    }

    @Test(
        arguments: StoreKind.allCases,
        [
            #"{"z":1,"a":2}"#, #"{"a":1e308,"b":-0,"c":1.50,"d":-0.0,"e":1E5}"#,
            #"{"a":"\u0041 é \/ \\ \""}"#, #"{"a":1,"a":2}"#, "{}", #"{"":""}"#,
        ])
    func reload_givesBackTheTextOfAttributes(kind: StoreKind, text: String) async throws {
        try await SharedStores.with(kind) { stores in
            try await stores.record(post([try fix("a", 0, attributes: text)]))
            let rows = try await stores.newest() + stores.history(van())
            let texts = rows.map { $0.fix.attributes.map { String(decoding: $0, as: UTF8.self) } }
            #expect(texts == [text, text])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func repeatedPost_isAnsweredFromItsReceipt(kind: StoreKind) async throws {
        try await SharedStores.with(kind) { stores in
            let first = post([try fix("a", 0), try fix("a", 0)])
            let outcome = try await stores.record(first)
            let again = try await stores.record(first, post([try fix("b", 0)]))
            #expect(again.map(\.counts) == outcome.map(\.counts) + [.init(accepted: 1, duplicates: 0)])
            #expect(again.first?.acceptedPlaces == nil, "a receipt has only the counts")
        }
    }

    @Test(arguments: StoreKind.allCases)
    func noPostIsRecorded_whenAFleetIsUnknown(kind: StoreKind) async throws {
        try await SharedStores.with(kind) { stores in
            let lost = post([try fix("a", 0)], to: fleetID("nowhere"))
            let error = await #expect(throws: StoreError.self) {
                try await stores.record(lost, post([try fix("a", 0)]))
            }
            #expect(error?.kind == .notFound)
            #expect(try await stores.newest().isEmpty)
        }
    }
}

/// The same for clocks that run ahead. `AheadClockTests` has the same rules for the trackers.
@Suite(.timeLimit(.minutes(2))) struct SharedAheadFixTests {
    /// A fix of `vehicle` with its own time and the time of receipt, in seconds after the bench's now.
    private func fix(_ vehicle: String = "a", at recorded: Int, received: Int) throws -> StoredFix {
        var stored = try HarborFleetStorageTests.fix(vehicle, recorded)
        stored.receivedAt = StorageBench.now.advanced(by: .seconds(received))
        return stored
    }

    /// The second of the newest fix of the vehicle.
    private func newest(_ stores: SharedStores, _ vehicle: String = "a") async throws -> Int64? {
        try await stores.newest().first { $0.fix.vehicleID.rawValue == vehicle }
            .map { $0.fix.recordedAt.since(StorageBench.now).components.seconds }
    }

    @Test(arguments: StoreKind.allCases, [(2, 3), (30, 31), (32, 31), (540, 31)])
    func position_movesAgainAfter30Seconds_whenAFixWasAhead(kind: StoreKind, seconds: (Int, Int)) async throws
    {
        let (ahead, first) = seconds
        try await SharedStores.with(kind) { stores in
            try await stores.record(post([try fix(at: ahead, received: 0)]))
            for second in [first - 1, first] {
                try await stores.record(post([try fix(at: second, received: second)]))
                #expect(try await newest(stores) == Int64(second == first ? first : ahead))
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func repeatedFix_doesNotMoveThePosition_andANewOneDoes(kind: StoreKind) async throws {
        try await SharedStores.with(kind) { stores in
            try await stores.record(post([try fix(at: 540, received: 0)]))
            try await stores.record(post([try fix(at: 31, received: 31)]))
            let again = try await stores.record(post([try fix(at: 540, received: 60)]))
            #expect(again == [PostOutcome(accepted: 0, duplicates: 1)])
            #expect(try await newest(stores) == 31)
            let mixed = try await stores.record(
                post([try fix(at: 540, received: 62), try fix(at: 61, received: 62)]))
            #expect(mixed == [PostOutcome(accepted: 1, duplicates: 1, acceptedPlaces: [1])])
            #expect(try await newest(stores) == 61)
            // The fix is 20 s ahead now, so it would count by its own time.
            try await stores.record(post([try fix(at: 540, received: 520), try fix(at: 525, received: 520)]))
            #expect(try await newest(stores) == 525)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func newestFix_isTheLatestRecordOfAPost_orTheOneReceivedLater(kind: StoreKind) async throws {
        try await SharedStores.with(kind) { stores in
            try await stores.record(
                post([
                    try fix(at: 541, received: 0), try fix(at: 20, received: 0),
                    try fix(at: 540, received: 0),
                ]))
            #expect(try await newest(stores) == 541)
            try await stores.record(
                post([try fix(at: 539, received: 1)]), post([try fix("b", at: 600, received: 1)]))
            #expect(try await newest(stores) == 539)
            // In this batch the later record was received earlier.
            try await stores.record(
                post([try fix("c", at: 541, received: 1)]), post([try fix("c", at: 540, received: 2)]))
            #expect(try await newest(stores, "c") == 540)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func acceptedPlaces_areReported_withinABatch(kind: StoreKind) async throws {
        try await SharedStores.with(kind) { stores in
            try await stores.record(post([try fix(at: 100, received: 0)]))
            let outcomes = try await stores.record(
                post([try fix(at: 101, received: 1), try fix(at: 101, received: 1)]),
                post([
                    try fix(at: 101, received: 2), try fix(at: 100, received: 2),
                    try fix(at: 102, received: 2),
                ]),
                post([try fix(at: 103, received: 2)]))
            #expect(
                outcomes == [
                    PostOutcome(accepted: 1, duplicates: 1, acceptedPlaces: [0]),
                    PostOutcome(accepted: 1, duplicates: 2, acceptedPlaces: [2]),
                    PostOutcome(accepted: 1, duplicates: 0),
                ])
            // Without a stored fix the database reports nothing, and the first fix of a key counts.
            let fresh = try await stores.record(
                post([try fix("b", at: 1, received: 1), try fix("b", at: 1, received: 1)]))
            #expect(fresh == [PostOutcome(accepted: 1, duplicates: 1, acceptedPlaces: [0])])
        }
    }
}
