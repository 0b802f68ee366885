package import Endpoint
internal import HTTP1
internal import HarborFleetAPI

/// Serves the files that the web app loads, from memory.
package struct AssetsController: RouteGroup {
    private let assets: StaticAssets

    package init(assets: StaticAssets) {
        self.assets = assets
    }

    /// The files need no credential: they contain no data, and error pages need them too.
    package func addRoutes(to router: inout Router) {
        router.get("/assets/*path") { try asset($0) }
        router.get("/favicon.ico") { try asset($0) }
    }

    /// - Throws: `EndpointError.notFound` for a path that names no file.
    private func asset(_ request: Request) throws -> Reply {
        guard let asset = assets[request.head.path] else { throw EndpointError.notFound }
        return try asset.reply(to: request)
    }
}
