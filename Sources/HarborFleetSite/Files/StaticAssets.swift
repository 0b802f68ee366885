package import HarborFleetAPI
package import Logging

/// All files that the web app loads, by path. They are in memory: no request reaches the file system.
///
/// ```swift
/// let assets = StaticAssets(logger: logger)
/// if let asset = assets["/assets/app.css"] { … }
/// ```
package struct StaticAssets: Sendable {
    /// The paths of Leaflet on this server; nil when it was not found: pages then show only the table.
    package let leaflet: LeafletPaths?

    private let table: [String: StaticAsset]

    /// Loads the table.
    /// - Parameters:
    ///   - leafletDirectory: the directory of Leaflet; nil means the one of Debian's `libjs-leaflet`.
    ///   - logger: gets a warning when Leaflet is missing.
    package init(leafletDirectory: String?, logger: Logger) {
        let path = leafletDirectory ?? LeafletDirectory.debianPath
        let directory = LeafletDirectory(path: path)
        let installed = Self.assets(
            directory.files, below: "/assets/leaflet/", cacheControl: "public, max-age=3600")
        table = Self.embedded.merging(installed) { ours, _ in ours }
        leaflet = Self.paths(in: directory)
        if leaflet == nil {
            logger.warning(
                "Leaflet was not found: pages show the table without a map. Install libjs-leaflet.",
                metadata: ["directory": "\(path)"])
        }
    }

    /// The asset at a request's path, which must match exactly; nil when there is none.
    package subscript(path: String) -> StaticAsset? { table[path] }

    /// All paths, for tests and listings.
    package var paths: [String] { table.keys.sorted() }

    /// The streets of the fictional harbour quarter as GeoJSON (RFC 7946): the file that the map draws.
    package static var harborQuarter: [UInt8] { embedded["/assets/harbor-quarter.geojson"]?.bytes ?? [] }

    private static func paths(in directory: LeafletDirectory) -> LeafletPaths? {
        guard let script = directory.scriptName, directory.files["leaflet.css"] != nil else { return nil }
        return LeafletPaths(
            script: .asset("leaflet", script), stylesheet: .asset("leaflet", "leaflet.css"))
    }

    /// The files whose type is served, by path.
    private static func assets(
        _ files: [String: [UInt8]], below folder: String, cacheControl: String
    ) -> [String: StaticAsset] {
        var table: [String: StaticAsset] = [:]
        for (name, bytes) in files {
            guard let type = StaticAsset.contentType(ofFile: name) else { continue }
            table[folder + name] = StaticAsset(bytes: bytes, contentType: type, cacheControl: cacheControl)
        }
        return table
    }

    /// Browsers revalidate our own files on each load, so that a deploy never mixes two versions of the modules.
    private static let embedded: [String: StaticAsset] = {
        var table = assets(EmbeddedFiles.all, below: "/assets/", cacheControl: "public, no-cache")
        // Browsers request it on responses without a link to an icon, such as JSON.
        table["/favicon.ico"] = table["/assets/favicon.svg"]
        return table
    }()
}
