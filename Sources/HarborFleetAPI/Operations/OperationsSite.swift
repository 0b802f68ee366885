package import Endpoint
internal import HTTP1
internal import HTTPTypes
package import HarborFleet
package import Supervision
package import Telemetry

/// Everything that the operations listener serves: health, metrics, the supervision tree.
package struct OperationsSite: Sendable {
    /// Renders the tree as a page for people. `asOf` is the time that it shows (RFC 3339).
    package typealias Page = @Sendable (_ tree: SupervisionNode, _ asOf: String) -> [UInt8]

    private let readiness: HealthSource
    private let registry: PrometheusRegistry
    private let tree: @Sendable () -> SupervisionNode
    private let version: String
    private let clock: any WallClock
    private let origins: OriginPolicy
    private let page: Page
    /// Metrics and the tree grow with the number of fleets. So they are made off the loops, one at a time, and
    /// once for all requests that wait.
    private let work = SingleFlight<Document, Dated<CodedBody>>(width: 1)

    private enum Document: Hashable {
        case tree
        case treePage
        case metrics(ExpositionFormat, isCompressed: Bool)
    }

    /// - Parameters:
    ///   - clock: gives the time that the page of the tree shows.
    ///   - origins: which pages and host names may read here; this listener has no tokens either.
    ///   - tree: the live supervision tree; read at each request, on any thread.
    package init(
        readiness: @escaping HealthSource, registry: PrometheusRegistry, version: String,
        clock: any WallClock,
        origins: OriginPolicy, tree: @escaping @Sendable () -> SupervisionNode, page: @escaping Page
    ) {
        self.readiness = readiness
        self.registry = registry
        self.version = version
        self.clock = clock
        self.origins = origins
        self.tree = tree
        self.page = page
    }

    /// All routes of the operations listener.
    package func router() -> Router {
        var router = Router()
        HealthController(readiness: readiness, version: version).addRoutes(to: &router)
        router.get("/metrics", origins.guarding { metrics($0) })
        router.get("/supervision", origins.guarding { supervision($0) })
        return router
    }

    private func supervision(_ request: Request) -> Reply {
        let isPage = AcceptHeader(request.head[.accept]).names("text/html", before: ["application/json"])
        return .later {
            let body = try await work.fresh(for: isPage ? .treePage : .tree) {
                let bytes =
                    isPage
                    ? page(tree(), clock.now().rfc3339)
                    : JSONResponse.encode(SupervisionDocument(tree()))
                return CodedBody(bytes: bytes, coding: .identity)
            }
            guard isPage else {
                return body.response([.contentType: "application/json", .cacheControl: "no-store"])
            }
            return body.response([
                .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
                .contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
            ])
        }
    }

    private func metrics(_ request: Request) -> Reply {
        let format = ExpositionFormat(AcceptHeader(request.head[.accept]))
        let isCompressed = request.takesGzip
        return .later {
            let body = try await work.fresh(for: .metrics(format, isCompressed: isCompressed)) {
                GzipBodies.coded(registry.exposition(format), compressed: isCompressed)
            }
            return body.response([
                .contentType: format.contentType, .cacheControl: "no-store",
                .vary: "Accept, Accept-Encoding",
            ])
        }
    }
}

extension ExpositionFormat {
    /// The format that a scraper prefers. If it prefers both alike, it gets OpenMetrics if it names that. A
    /// scraper that accepts neither gets the text format anyway, as from Prometheus' own libraries.
    init(_ accept: AcceptHeader) {
        let text = accept.quality(of: Self.prometheus.mediaType)
        let openMetrics = accept.quality(of: Self.openMetrics.mediaType)
        let isNamed = accept.names(Self.openMetrics.mediaType)
        self = openMetrics > text || isNamed && openMetrics == text ? .openMetrics : .prometheus
    }
}

/// One node of the supervision tree as JSON.
private struct SupervisionDocument: Encodable {
    let name: String
    let kind: String
    let state: String
    let restarts: Int
    let uptimeS: Double?
    let mailboxLength: Int?
    let lastFailure: String?
    let children: [SupervisionDocument]

    init(_ node: SupervisionNode) {
        name = node.name
        kind = node.kind.rawValue
        state = node.state.rawValue
        restarts = node.restarts
        uptimeS = node.uptime.map { Double($0.components.seconds) + Double($0.components.attoseconds) / 1e18 }
        mailboxLength = node.mailboxLength
        lastFailure = node.lastFailure
        children = node.children.map(SupervisionDocument.init)
    }
}
