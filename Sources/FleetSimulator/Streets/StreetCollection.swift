import Foundation

/// The streets of a GeoJSON FeatureCollection (RFC 7946) before they are joined: its LineStrings. Features with
/// any other geometry only decorate the map and are ignored.
struct StreetCollection: Decodable {
    /// One LineString with its properties.
    struct Street: Equatable {
        var name: String
        var speedLimitMetersPerSecond: Double
        var places: [Coordinate]
    }

    let streets: [Street]

    init(from decoder: any Decoder) throws {
        let features = try decoder.container(keyedBy: CodingKeys.self).decode(
            [Feature].self, forKey: .features)
        streets = features.compactMap(\.street)
    }

    private enum CodingKeys: CodingKey { case features }

    private struct Feature: Decodable {
        let street: Street?

        init(from decoder: any Decoder) throws {
            let feature = try decoder.container(keyedBy: FeatureKeys.self)
            let geometry = try feature.nestedContainer(keyedBy: GeometryKeys.self, forKey: .geometry)
            guard try geometry.decode(String.self, forKey: .type) == "LineString" else {
                street = nil
                return
            }
            let properties = try feature.decodeIfPresent(Properties.self, forKey: .properties)
            let positions = try geometry.decode([[Double]].self, forKey: .coordinates)
            street = Street(
                name: properties?.name ?? "",
                speedLimitMetersPerSecond: properties?.speedLimit ?? Feature.usualSpeedLimit,
                places: try positions.map { try Self.place($0, geometry) })
        }

        /// 30 km/h.
        private static let usualSpeedLimit = 8.3

        /// Section 3.1.1: longitude comes first, an altitude may follow.
        private static func place(
            _ position: [Double], _ geometry: KeyedDecodingContainer<GeometryKeys>
        ) throws -> Coordinate {
            guard position.count >= 2, abs(position[0]) <= 180, abs(position[1]) <= 90 else {
                throw DecodingError.dataCorruptedError(
                    forKey: .coordinates, in: geometry,
                    debugDescription: "a position is no longitude, latitude")
            }
            return Coordinate(latitudeDegrees: position[1], longitudeDegrees: position[0])
        }
    }

    private struct Properties: Decodable {
        var name: String?
        var speedLimit: Double?

        enum CodingKeys: String, CodingKey {
            case name
            case speedLimit = "speed_limit_mps"
        }
    }

    private enum FeatureKeys: CodingKey { case geometry, properties }
    private enum GeometryKeys: CodingKey { case type, coordinates }
}
