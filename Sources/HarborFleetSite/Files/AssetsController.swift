package import Endpoint
internal import HTTP1
internal import HarborFleetAPI

/// Files from memory: what the web app loads.
package struct AssetsController: RouteGroup {
    private let assets: StaticAssets

    package init(assets: StaticAssets) {
        self.assets = assets
    }

    /// Files need no credential: they hold no data, and error pages need them too.
    package func addRoutes(to router: inout Router) {
        router.get("/assets/*path") { try asset($0) }
        router.get("/favicon.ico") { try asset($0) }
    }

    /// - Throws: `EndpointError.notFound` for a path that is none of ours.
    private func asset(_ request: Request) throws -> Reply {
        guard let asset = assets[request.head.path] else { throw EndpointError.notFound }
        return try asset.reply(to: request)
    }
}
