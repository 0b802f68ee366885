/// What a fleet's page needs to draw its map.
package struct MapOptions: Sendable {
    /// Leaflet's script and stylesheet; nil leaves the map out and the page shows the table alone.
    package var leaflet: LeafletPaths?
    /// The tile server; nil leaves the ground plain.
    package var tiles: TileSource?
    /// The fleet of `serve --demo`, which drives in a made-up town; nil without it. Its map alone shows that town.
    package var demoFleetID: String?

    /// Makes the options.
    package init(leaflet: LeafletPaths?, tiles: TileSource?, demoFleetID: String? = nil) {
        self.leaflet = leaflet
        self.tiles = tiles
        self.demoFleetID = demoFleetID
    }
}

/// Where this server serves Leaflet.
package struct LeafletPaths: Sendable, Equatable {
    /// The script that defines the global `L`.
    package var script: SitePath
    /// Its stylesheet.
    package var stylesheet: SitePath
}
