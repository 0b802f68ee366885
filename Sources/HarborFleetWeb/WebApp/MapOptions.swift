/// What a fleet's page needs to draw its map.
package struct MapOptions: Sendable {
    /// Leaflet's script and stylesheet; nil leaves the map out and the page shows the table alone.
    package var leaflet: LeafletPaths?
    /// The tile server; nil draws the built-in harbour streets.
    package var tiles: TileSource?

    /// Makes the options.
    package init(leaflet: LeafletPaths?, tiles: TileSource?) {
        self.leaflet = leaflet
        self.tiles = tiles
    }
}

/// Where this server serves Leaflet.
package struct LeafletPaths: Sendable, Equatable {
    /// The script that defines the global `L`.
    package var script: SitePath
    /// Its stylesheet.
    package var stylesheet: SitePath
}
