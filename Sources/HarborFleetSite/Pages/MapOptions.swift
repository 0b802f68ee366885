/// The options with which a fleet's page draws its map.
package struct MapOptions: Sendable {
    /// Leaflet's script and stylesheet; nil omits the map, and the page shows only the table.
    package var leaflet: LeafletPaths?
    /// The tile server; nil leaves the background plain.
    package var tiles: TileSource?
    /// The fleet of `serve --demo`, which drives in a fictional town; nil without it. Only this fleet's map
    /// shows the town.
    package var demoFleetID: String?

    /// Makes the options.
    package init(leaflet: LeafletPaths?, tiles: TileSource?, demoFleetID: String? = nil) {
        self.leaflet = leaflet
        self.tiles = tiles
        self.demoFleetID = demoFleetID
    }
}

/// The paths of Leaflet on this server.
package struct LeafletPaths: Sendable, Equatable {
    /// The script that defines the global `L`.
    package var script: SitePath
    /// Its stylesheet.
    package var stylesheet: SitePath
}
