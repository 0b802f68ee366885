import HarborFleetSite
import Testing

@testable import FleetSimulator

@Suite struct StreetNetworkTests {
    @Test func harborQuarter_isOneConnectedNetwork_withNamesAndLimits() throws {
        let network = try StreetNetwork(geoJSON: StaticAssets.harborQuarter)
        #expect(network.isConnected)
        #expect(network.segments.count >= 60)
        #expect(network.junctions.allSatisfy { !$0.isEmpty })
        for segment in network.segments {
            #expect(!segment.name.isEmpty)
            #expect(segment.lengthMeters > 20)
            #expect(
                (2...DrivingVehicle.maximumSpeedMetersPerSecond).contains(segment.speedLimitMetersPerSecond))
        }
    }

    @Test func streets_areJoined_whereOneMeetsTheOther() throws {
        let network = try StreetNetwork(
            geoJSON: Self.streets(
                [[9.98, 53.54], [9.99, 53.54], [10.0, 53.54]], [[9.99, 53.54], [9.99, 53.55]]))
        #expect(network.segments.count == 3)
        #expect(network.junctions.map(\.count).sorted() == [1, 1, 1, 3])
    }

    @Test func streets_areRefused_whenTheyDoNotMeet() {
        let apart = Self.streets([[9.98, 53.54], [9.99, 53.54]], [[9.98, 53.55], [9.99, 53.55]])
        #expect(throws: SimulatorError.unusableStreets("it falls into parts that no street connects")) {
            try StreetNetwork(geoJSON: apart)
        }
    }

    @Test func positions_areMeasuredFromTheStartOfAnExit() throws {
        let network = try StreetNetwork(geoJSON: Self.streets([[9.98, 53.54], [9.99, 53.54]]))
        let length = network.segments[0].lengthMeters
        #expect(abs(length - 660.9) < 1)
        let forward = network.position(on: .init(segment: 0, isForward: true), atMeters: length / 4)
        let back = network.position(on: .init(segment: 0, isForward: false), atMeters: length * 3 / 4)
        #expect(abs(forward.place.longitudeDegrees - 9.9825) < 1e-9)
        #expect(forward.place.distanceMeters(to: back.place) < 0.001)
        #expect(abs(forward.headingDegrees - 90) < 0.01)
        #expect(abs(back.headingDegrees - 270) < 0.01)
    }

    private static func streets(_ lines: [[Double]]...) -> [UInt8] {
        let features = lines.map { #"{"geometry":{"type":"LineString","coordinates":\#($0)}}"# }
        return Array(#"{"features":[\#(features.joined(separator: ","))]}"#.utf8)
    }
}

/// GeoJSON without streets to drive on.
@Suite struct StreetNetworkRefusalTests {
    @Test(arguments: [
        "", "[]", "{}", #"{"features":[{}]}"#,
        #"{"features":[{"geometry":{"type":"LineString","coordinates":[[1]]}}]}"#,
        #"{"features":[{"geometry":{"type":"LineString","coordinates":[[1,200],[1,2]]}}]}"#,
        #"{"features":[{"geometry":{"type":"Point","coordinates":[1,2]}}]}"#,
        #"{"features":[{"geometry":{"type":"LineString","coordinates":[[1,2],[1,2]]}}]}"#,
    ])
    func geoJSON_isRefused_withoutStreets(_ text: String) {
        #expect(throws: SimulatorError.self) { try StreetNetwork(geoJSON: Array(text.utf8)) }
    }
}
