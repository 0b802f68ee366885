import Testing

@testable import FleetSimulator

@Suite struct IngestResponseTests {
    @Test(
        arguments: [
            ("/fixes/3", 3, nil), ("/fixes/0/lat", 0, "lat"), ("/fixes/12/attributes/a", 12, "attributes/a"),
        ] as [(String, Int, String?)])
    func pointer_namesAFixAndItsMember(_ text: String, _ index: Int, _ member: String?) throws {
        let pointer = try #require(FixPointer(text))
        #expect(pointer.index == index && pointer.member == member)
    }

    @Test func rejections_keepTheIndexTheMemberAndTheDetail() throws {
        let body = """
            {"accepted":1,"duplicates":2,"rejected":[{"pointer":"/fixes/3","errors":[{"pointer":"/fixes/3/lat",
            "detail":"is missing"},{"pointer":"/fixes/3/lng","detail":"is missing"}]},{"pointer":"/fixes/7"},
            {"pointer":"/odd","errors":[{"pointer":"/odd","detail":"is odd"},{"detail":"is bare"}]}]}
            """
        let response = try #require(IngestResponse(body: Array(body.utf8)))
        #expect(
            response.rejections == [
                .init(index: 3, detail: "lat: is missing; lng: is missing"),
                .init(index: 7, detail: "no reason was given"),
                .init(index: nil, detail: "/odd: is odd; : is bare"),
            ])
    }

    @Test func response422_rejectsTheFixesThatItNames() throws {
        let body = """
            {"errors":[{"pointer":"/fixes/1/lat","detail":"a"},{"pointer":"/fixes/0","detail":"b"},
            {"pointer":"/fixes/1/lng","detail":"c"}]}
            """
        let response = try #require(IngestResponse(problem: ProblemDocument(body: Array(body.utf8))))
        #expect(
            response.rejections == [.init(index: 0, detail: "b"), .init(index: 1, detail: "lat: a; lng: c")])
        #expect(response.isNoneValid && response.accepted == 0)
    }
}

/// Pointers and problems that name no fix.
@Suite struct IngestResponseRefusalTests {
    @Test(arguments: [
        "", "/", "/fixes", "/fixes/", "/fixes/x", "/fixes/-1", "/fleet_id", "/fixes/99999999999999999999",
    ])
    func pointer_isNil_whenItNamesNoFix(_ text: String) {
        #expect(FixPointer(text) == nil)
    }

    @Test(arguments: [
        "{}", "", #"{"errors":[]}"#, #"{"errors":[{"pointer":"/fleet_id","detail":"a"}]}"#,
        #"{"errors":[{"pointer":"/fixes/0/lat","detail":"a"},{"pointer":"/fixes","detail":"b"}]}"#,
    ])
    func response422_isNotAboutFixes_whenItNamesAnythingElse(_ body: String) {
        #expect(IngestResponse(problem: ProblemDocument(body: Array(body.utf8))) == nil)
    }
}
