package import Endpoint

/// `GET /api/v1/openapi.json`: the description of the API for programs.
package struct OpenAPIController: RouteGroup {
    package static let document = StaticAsset(
        bytes: PackageResources.openapi_json, contentType: "application/json", cacheControl: "no-cache")

    private let origins: OriginPolicy

    package init(origins: OriginPolicy) {
        self.origins = origins
    }

    package func addRoutes(to router: inout Router) {
        router.get("/api/v1/openapi.json", origins.guarding { try Self.document.reply(to: $0) })
    }
}
