import HarborFleetSite
import Logging

/// The made-up harbour quarter that simulated vehicles drive through: the very file that the map draws.
package enum HarborQuarter {
    /// GeoJSON (RFC 7946), for `StreetNetwork`. Empty should the file not be among the web app's.
    package static var geoJSON: [UInt8] {
        // Nobody looks at the map from here, so a missing Leaflet is no news.
        let silent = Logger(label: "harbor-fleet.simulator") { _ in SwiftLogNoOpLogHandler() }
        let assets = StaticAssets(leafletDirectory: nil, logger: silent)
        return assets["/assets/harbor-quarter.geojson"]?.bytes ?? []
    }
}
