internal import Endpoint
internal import HTTP1
internal import HTTPTypes

/// Files from memory: the OpenAPI document and what the web app loads.
struct AssetsController: Sendable {
    let assets: StaticAssets

    func openAPI(_ request: Request) throws -> Reply {
        try answer(assets.openAPI, request)
    }

    /// - Throws: `EndpointError.notFound` for a path that is none of ours.
    func asset(_ request: Request) throws -> Reply {
        guard let asset = assets[request.head.path] else { throw EndpointError.notFound }
        return try answer(asset, request)
    }

    private func answer(_ asset: StaticAsset, _ request: Request) throws -> Reply {
        let choice = try request.choice(of: asset.entityTag, offersGzip: asset.gzip != nil)
        var fields: HTTPFields = [
            .eTag: "\(choice.coding.entityTag(of: asset.entityTag))", .cacheControl: asset.cacheControl,
        ]
        if asset.gzip != nil { fields[.vary] = "Accept-Encoding" }
        if choice.isHeld { return .now(Response(.notModified, fields: fields)) }
        fields[.contentType] = asset.contentType
        let body = choice.coding == .gzip ? asset.gzip ?? asset.bytes : asset.bytes
        return .now(Response(.ok, fields: choice.coding.fields(fields), body: .bytes(body)))
    }
}
