import Testing

@testable import HTTP1

@Suite struct NegotiationTests {
    private static let offers = ["application/json", "application/geo+json", "text/csv"]

    @Test(
        arguments: [
            (nil, "application/json"), ("", "application/json"), ("*/*", "application/json"),
            ("text/csv", "text/csv"),
            ("TEXT/CSV", "text/csv"), ("text/*", "text/csv"), ("text/html", nil), ("text/csv;q=0", nil),
            ("application/json;q=0.5, text/csv;q=0.501", "text/csv"),
            ("application/geo+json, */*;q=0.1", "application/geo+json"),
            ("*/*, application/json;q=0", "application/geo+json"),
            ("application/*;q=0.3, text/csv;q=0.2", "application/json"),
            ("application/json;charset=utf-8", "application/json"),
            ("text/csv;header=\"a,b;q=0\"", "text/csv"),
            ("text/csv;q=2, application/geo+json;q=0.1", "application/geo+json"),
            ("text/csv; Q=0.9", "text/csv"),
            ("nonsense", "application/json"), ("*/csv, text/csv", "text/csv"), (",,text/csv,", "text/csv"),
            ("text/html, application/xhtml+xml, */*;q=0.8", "application/json"), ("text/csv;q=0.000", nil),
        ] as [(String?, String?)])
    func accept_choosesAnOffer(value: String?, expected: String?) {
        #expect(AcceptHeader(value).preferred(of: Self.offers) == expected)
    }

    @Test func accept_saysWhatIsPreferredAndNamed() {
        let accept = AcceptHeader("text/event-stream, */*;q=0.1")
        #expect(accept.quality(of: "text/event-stream") > accept.quality(of: "application/json"))
        #expect(!AcceptHeader("a/b, c/d;q=0.1").names("c/d", before: ["a/b"]))
        #expect(accept.names("text/event-stream"))
        #expect(!accept.names("application/json"))
        #expect(!AcceptHeader("*/*").names("text/event-stream"))
        #expect(!AcceptHeader("text/event-stream;q=0").names("text/event-stream"))
    }

    /// An offer with a version fits a range with the same version, or one without a version.
    @Test(arguments: [
        ("text/plain;version=0.0.4;q=0.5", 500), ("text/plain; version=\"0.0.4\"", 1_000),
        ("TEXT/PLAIN;VERSION=0.0.4", 1_000), ("text/plain;version=1.0.0", 0), ("text/plain", 1_000),
        ("text/plain;version=1.0.0, text/plain;version=0.0.4;q=0.2, */*;q=0.1", 200),
        ("text/plain;version=1.0.0, */*;q=0.1", 100),
        ("text/plain;q=0.3, text/plain;version=0.0.4;q=0", 0),
        ("text/plain;charset=utf-8;escaping=allow-utf-8;version=0.0.4", 1_000),
        ("text/plain;version", 1_000),
    ])
    func accept_comparesVersions(value: String, thousandths: Int) {
        #expect(AcceptHeader(value).quality(of: "text/plain; version=0.0.4").thousandths == thousandths)
    }

    @Test func accept_namesOneTypeBeforeOthers() {
        let others = ["application/json"]
        #expect(AcceptHeader("text/html, */*;q=0.8").names("text/html", before: others))
        #expect(AcceptHeader("text/html, application/json").names("text/html", before: others))
        #expect(!AcceptHeader("application/json, text/html;q=0.1").names("text/html", before: others))
        #expect(!AcceptHeader("text/html;q=0, application/json").names("text/html", before: others))
        #expect(!AcceptHeader("*/*").names("text/html", before: others))
    }

    @Test(
        arguments: [
            (nil, false), ("", false), ("gzip", true), ("GZIP", true), ("x-gzip", true),
            ("deflate, br", false),
            ("gzip;q=0", false), ("*", true), ("*;q=0", false), ("gzip;q=0, *", false),
            ("br, gzip;q=0.5", true),
            ("identity, gzip;q=0.5", false), ("identity;q=0.5, gzip", true),
            ("gzip, deflate, br, zstd", true),
            ("gzip;q=0.001", true), ("gzip;q=x", false),
        ] as [(String?, Bool)])
    func acceptEncoding_saysWhetherGzipIsPreferred(value: String?, expected: Bool) {
        #expect(AcceptEncodingHeader(value).prefersGzip == expected)
    }

    @Test(
        arguments: [
            ("\"a\"", true), ("W/\"a\"", true), ("*", true), (" * ", true), ("\"b\"", false),
            ("\"b\", \"a\"", true),
            ("\"b\",W/\"a\",", true), ("\"b,\\\", \"a\"", true), ("\"A\"", false),
        ])
    func ifNoneMatch_comparesWeakly(value: String, expected: Bool) {
        #expect(EntityTagList(value)?.matchesWeakly(EntityTag("a")) == expected)
        #expect(EntityTagList(value)?.matchesWeakly(EntityTag("a", isWeak: true)) == expected)
    }

    @Test func ifMatch_comparesStrongly() {
        #expect(EntityTagList("\"a\"")?.matchesStrongly(EntityTag("a")) == true)
        #expect(EntityTagList("W/\"a\"")?.matchesStrongly(EntityTag("a")) == false)
        #expect(EntityTagList("\"a\"")?.matchesStrongly(EntityTag("a", isWeak: true)) == false)
        #expect(EntityTagList("*")?.matchesStrongly(EntityTag("a")) == true)
    }

    @Test func entityTag_isWrittenInItsWireForm() {
        #expect(EntityTag("m3:7").description == "\"m3:7\"")
        #expect(EntityTag("m3:7", isWeak: true).description == "W/\"m3:7\"")
    }
}

/// Values of If-Match and If-None-Match that are no list of entity tags (RFC 9110 section 8.8.3).
@Suite struct EntityTagRefusalTests {
    @Test(arguments: [
        "a", "", "\"a", "w/\"a\"", "\"a\"\"b\"", "*, \"a\"", "\"a b\"", "W/", ",",
    ])
    func entityTags_areNil_whenTheListIsMalformed(value: String) {
        #expect(EntityTagList(value) == nil)
    }
}
