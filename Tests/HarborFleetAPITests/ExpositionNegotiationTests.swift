import HTTP1
import HarborFleetTesting
import HarborFleetWebTesting
import Telemetry
import Testing

@testable import HarborFleetAPI

/// The format of the metrics follows `Accept`.
@Suite(.timeLimit(.minutes(1))) struct ExpositionNegotiationTests {
    private static let prometheus3 =
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
        + "application/openmetrics-text;version=0.0.1;q=0.4,"
        + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,/;q=0.1"

    @Test(
        arguments: [
            (nil, .prometheus), ("", .prometheus), ("*/*", .prometheus), ("text/plain", .prometheus),
            (prometheus3, .openMetrics), ("application/openmetrics-text", .openMetrics),
            ("application/openmetrics-text; version=1.0.0; charset=utf-8", .openMetrics),
            ("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5", .openMetrics),
            ("application/openmetrics-text, text/plain", .openMetrics),
            ("application/openmetrics-text, */*", .openMetrics), ("application/*", .openMetrics),
            ("application/openmetrics-text;q=0, text/plain", .prometheus),
            ("application/openmetrics-text;q=0", .prometheus),
            ("application/openmetrics-text;q=0, */*", .prometheus),
            ("text/plain;version=0.0.4, application/openmetrics-text;q=0.9", .prometheus),
            ("application/openmetrics-text;version=0.0.1, text/plain;q=0.1", .prometheus),
            ("application/openmetrics-text;version=2.0.0", .prometheus),
            ("text/plain;version=1.0.0, application/openmetrics-text;version=1.0.0;q=0.1", .openMetrics),
            ("text/plain;q=0, */*", .openMetrics), ("image/png", .prometheus),
        ] as [(String?, ExpositionFormat)])
    func format_isTheOnePreferredByAccept(accept: String?, form: ExpositionFormat) {
        #expect(ExpositionFormat(AcceptHeader(accept)) == form)
    }

    @Test func metrics_haveTheFormatPreferredByAccept() async throws {
        try await OperationsServer.with { port in
            for (accept, type) in [
                ("application/openmetrics-text;q=0, text/plain", "text/plain; version=0.0.4; charset=utf-8"),
                (Self.prometheus3, "application/openmetrics-text; version=1.0.0; charset=utf-8"),
            ] {
                let response = try await RawClient.get("/metrics", port: port, "Accept: \(accept)\r\n")
                #expect(response.status == 200 && response["Content-Type"] == type)
            }
        }
    }

    /// The tree is a page when the client wants a page at least as much as JSON.
    @Test func supervision_isAPage_whenAcceptNamesHTMLFirst() async throws {
        try await OperationsServer.with { port in
            for (accept, type) in [
                ("application/json, text/html;q=0.1", "application/json"), ("*/*", "application/json"),
                ("text/html, */*;q=0.8", "text/html; charset=utf-8"),
            ] {
                let response = try await RawClient.get("/supervision", port: port, "Accept: \(accept)\r\n")
                #expect(response["Content-Type"] == type)
            }
        }
    }
}
