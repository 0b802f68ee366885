import Testing

@testable import HarborFleetAPI

/// Origins (RFC 6454) and hosts (RFC 3986) as values.
struct OriginPolicyTests {
    /// Case and default ports do not count.
    @Test(arguments: [
        ("https://map.example", "https://map.example"),
        ("HTTPS://Map.Example:443", "https://map.example"),
        ("http://map.example:80", "http://map.example"),
        ("http://map.example:443", "http://map.example:443"),
        ("http://map.example:", "http://map.example"), ("http://192.0.2.7:8080", "http://192.0.2.7:8080"),
        ("http://[2001:DB8:0::1]:80", "http://[2001:db8::1]"),
        ("http://a_b.example.", "http://a_b.example."),
    ])
    func origin_hasOneForm(text: String, form: String) {
        #expect(WebOrigin(text)?.description == form)
    }

    /// The scheme counts where it is known.
    @Test(
        arguments: [
            ("http://map.example", "map.example", nil, true),
            ("http://map.example", "MAP.example:80", nil, true),
            ("https://map.example", "map.example", nil, true),
            ("https://map.example", "map.example:443", nil, true),
            ("https://map.example", "map.example:80", nil, false),
            ("https://map.example", "map.example", .https, true),
            ("http://map.example", "map.example", .https, false),
            ("https://map.example", "map.example", .http, false),
            ("http://map.example:8080", "map.example:8080", nil, true),
            ("http://map.example:8080", "map.example", nil, false),
            ("http://map.example", "map.example:8080", nil, false),
            ("http://map.example.", "map.example", nil, false),
            ("http://evil.example", "map.example", nil, false),
            ("http://map.example.evil", "map.example", nil, false),
            ("http://[::1]:8080", "[0::1]:8080", nil, true),
            ("http://127.0.0.1", "127.0.0.1", nil, true), ("http://127.0.0.1", "localhost", nil, false),
        ] as [(String, String, WebOrigin.Scheme?, Bool)])
    func origin_isOurs_whenHostPortAndKnownSchemeAreTheSame(
        origin: String, host: String, scheme: WebOrigin.Scheme?, isOwn: Bool
    ) throws {
        let origin = try #require(WebOrigin(origin))
        #expect(origin.isOrigin(of: try #require(Authority(host)), scheme) == isOwn)
    }

    @Test(arguments: [
        ("127.0.0.1:8080", true), ("192.168.1.20", true), ("[::1]:8080", true), ("[fe80::1]", true),
        ("localhost", true), ("LOCALHOST:8080", true), ("localhost.", true), ("app.localhost:8080", true),
        ("ip6-localhost", true), ("harbor-1.example", true), ("Harbor-1:8080", true),
        ("harbor-1.local", true),
        ("map.example", true), ("map.example:9999", true), ("evil.example", false), ("example", false),
        ("localhost.evil.example", false), ("127.0.0.1.evil.example", false), ("harbor-2.example", false),
        ("notlocalhost", false), ("sub.map.example", false), ("2130706433", false), ("127.1", false),
    ])
    func host_isOurs_whenItIsAnAddressALoopbackNameOrTheMachine(text: String, isOurs: Bool) throws {
        let names = HostNames(machineName: "Harbor-1.example", others: ["map.example"])
        #expect(names.contain(try #require(Authority(text))) == isOurs)
    }

    @Test func machineWithoutAName_addsNoHost() throws {
        let names = HostNames(machineName: "", others: [])
        for host in [".local", "a.local", "."] {
            #expect(Authority(host).map(names.contain) != true)
        }
    }
}

/// Texts that are no origin of a web page (RFC 6454).
@Suite struct WebOriginRefusalTests {
    @Test(arguments: [
        "null", "", "map.example", "//map.example", "https://", "https:///", "https://map.example/",
        "https://map.example/a", "https://me@map.example", "https://map.example?", "https://map.example#",
        "ftp://map.example", "file://", "ws://map.example", "https://a, https://a", "https://*.example",
        "https://map.example:65536", "https://map.example:+1", "https://map.example:80:80",
        "https://[::1",
        "https://[::1]8080", "https://[127.0.0.1]", "https://::1", "https://bücher.example",
        "chrome-extension://abcdefgh", " https://map.example", "https://map.example ",
    ])
    func origin_isNil_whenTheTextIsNotAnHTTPOrigin(text: String) {
        #expect(WebOrigin(text) == nil)
    }
}
