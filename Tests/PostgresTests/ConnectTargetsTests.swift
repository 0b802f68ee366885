import Testing

@testable import Postgres

@Suite(.timeLimit(.minutes(1))) struct ConnectTargetsTests {
    private let lookup = HostLookup { name throws(HostLookup.Failure) in
        switch name {
        case "one": return ["10.0.0.1"]
        case "two": return ["10.0.0.2", "fd00::2"]
        default: throw HostLookup.Failure(description: "unknown name")
        }
    }

    private func targets(
        _ host: String, _ address: String = "", _ port: String = ""
    ) -> ConnectTargets.Answer {
        ConnectTargets.answer(for: ConnectOptions(host: host, hostAddress: address, port: port), lookup)
    }

    private func target(_ host: String, _ address: String, _ port: String = "") -> ConnectTarget {
        ConnectTarget(host: host, address: address, port: port)
    }

    @Test func name_becomesItsAddresses() {
        #expect(targets("one") == .found([target("one", "10.0.0.1")]))
        #expect(
            targets("two", "", "6000")
                == .found([target("two", "10.0.0.2", "6000"), target("two", "fd00::2", "6000")])
        )
    }

    @Test func severalHosts_keepTheirOrderAndPorts() {
        #expect(
            targets("two,/run/pg,one", ",,192.0.2.1", "1,2,3")
                == .found([
                    target("two", "10.0.0.2", "1"), target("two", "fd00::2", "1"), target("/run/pg", "", "2"),
                    target("one", "192.0.2.1", "3"),
                ]))
        #expect(
            targets("", "192.0.2.1,192.0.2.2") == .found([target("", "192.0.2.1"), target("", "192.0.2.2")]))
    }

    @Test func unknownName_leavesTheOthers() {
        #expect(targets("none,one") == .found([target("one", "10.0.0.1")]))
        #expect(targets("none") == .notFound("none: unknown name"))
    }

    @Test func wrongOrSimpleOptions_areLeftToLibpq() {
        #expect(targets("") == .asGiven)
        #expect(targets("/run/postgresql") == .asGiven)
        #expect(targets("@abstract") == .asGiven)
        #expect(targets("one", "192.0.2.1") == .asGiven)
        #expect(targets("one,two", "192.0.2.1") == .asGiven)
        #expect(targets("one,two", "", "1,2,3") == .asGiven)
    }

    @Test(arguments: [
        "postgresql://u:hush@one:6000,two:6001/db?hostaddr=,192.0.2.7",
        "host=one,two port=6000,6001 hostaddr=,192.0.2.7 user=u password=hush dbname=db",
    ])
    func options_areReadFromURIsAndKeywords(url: String) {
        let options = ConnectOptions(url: url)
        #expect(options.host == "one,two")
        #expect(options.hostAddress == ",192.0.2.7")
        #expect(options.port == "6000,6001")
        #expect(!options.hasKeepalives && !options.hasUserTimeout)
        #expect(!"\(options)".contains("hush"))
    }

    @Test func options_sayWhichTimeOutsTheUserChose() {
        #expect(ConnectOptions(url: "host=one keepalives_idle=60").hasKeepalives)
        #expect(ConnectOptions(url: "postgresql://one/db?tcp_user_timeout=9").hasUserTimeout)
    }

    @Test func options_sayWhichSessionsTheUserWants() {
        let cases: [(url: String, attributes: String?, wantsReadOnly: Bool)] = [
            ("host=one,two", nil, false), ("postgresql://one,two/db", nil, false),
            ("host=one target_session_attrs=any", "any", false),
            ("postgresql://one/db?target_session_attrs=read-write", "read-write", false),
            ("host=one target_session_attrs=standby", "standby", true),
            ("host=one target_session_attrs=prefer-standby", "prefer-standby", true),
        ]
        for (url, attributes, wantsReadOnly) in cases {
            let options = ConnectOptions(url: url)
            #expect(options.sessionAttributes == attributes, "\(url)")
            #expect(options.wantsReadOnly == wantsReadOnly, "\(url)")
        }
    }

    @Test func options_areEmpty_whenTheStringIsMalformed() {
        #expect(ConnectOptions(url: "postgresql://[").host == "")
    }

    @Test func systemResolver_knowsLocalhostAndNumbers() throws {
        #expect(
            try HostLookup.system.addresses("localhost").allSatisfy { ["127.0.0.1", "::1"].contains($0) })
        #expect(try HostLookup.system.addresses("192.0.2.9") == ["192.0.2.9"])
        #expect(throws: HostLookup.Failure.self) { try HostLookup.system.addresses("no name at all") }
    }

    @Test(arguments: [
        (
            #"connection to server on socket "/tmp/x" failed: FATAL:  53300: sorry, too many clients already"#,
            ConnectRefusal.server(sqlState: "53300")
        ),
        (
            "connection to server at \"db\" failed: Connection refused; connection to server at \"b\" failed: "
                + "VERHÄNGNIS:  57P03: the database system is starting up",
            .server(sqlState: "57P03")
        ),
        ("connection to server at \"db\" (10.0.0.1), port 5432 failed: Connection refused", .nobodyListens),
        (
            "connection to server on socket \"/tmp/FATAL:  x\" failed: No such file or directory",
            .nobodyListens
        ),
        ("failed: SSL error: certificate verify failed", .tls),
        ("failed: server closed the connection unexpectedly", .other),
        ("connection to server at \"db\", port 5432 failed: session is read-only", .unwanted),
        ("connection to server at \"db\", port 5432 failed: server is in hot standby mode", .unwanted),
    ])
    func refusal_isReadFromTheTextOfLibpq(message: String, refusal: ConnectRefusal) {
        #expect(ConnectRefusal(message: message) == refusal)
    }

    @Test func reason_namesNoHostAndNoServerText() {
        var error = PostgresError(.connection, "the connection could not be made", detail: "host hush")
        #expect(error.reason == "the connection could not be made")
        error.refusal = .server(sqlState: "53300")
        #expect(error.reason == "the database has too many connections (SQLSTATE 53300)")
        error.refusal = .server(sqlState: "99999")
        #expect(error.reason == "the database refuses connections (SQLSTATE 99999)")
        #expect(
            PostgresError(.server(sqlState: "25006"), "").reason
                == "the database is read-only (SQLSTATE 25006)")
        #expect(PostgresError(.timeout, "").reason == "the database does not respond: time-out")
    }
}
