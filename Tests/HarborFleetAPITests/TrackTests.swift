import Compression
import FleetAccess
import HTTP1
import HarborFleet
import HarborFleetTesting
import HarborFleetWebTesting
import Testing

@testable import HarborFleetAPI

/// Tracks over real sockets, from the memory store.
@Suite(.timeLimit(.minutes(1))) struct TrackTests {
    private static let path = "/api/v1/fleets/north/vehicles/van-7/track"

    /// Runs `body` with a site that has one vehicle with `count` fixes, and a token `t` that may read its fleet.
    private func with(_ count: Int, _ body: (WebServer) async throws -> Void) async throws {
        try await WebServer.with { server in
            try server.addToken("t", fleets: ["north"])
            server.tracks.put(count, of: try #require(VehicleID("van-7")))
            try await body(server)
        }
    }

    /// Sends a request on a connection of its own, which ends with the response.
    private func ask(
        _ server: WebServer, _ query: String = "", _ fields: [String] = [], method: String = "GET",
        token: String = "t"
    ) async throws -> RawStreamedResponse {
        let client = try RawClient(port: server.port)
        let lines =
            [
                "\(method) \(Self.path)\(query) HTTP/1.1", "Host: localhost", "Connection: close",
                "Authorization: Bearer \(WebServer.token(token))",
            ] + fields
        try await client.send(lines.joined(separator: "\r\n") + "\r\n\r\n")
        let response = try RawStreamedResponse(try await client.untilEnd())
        return try response.checked(asResponseTo: method, Self.path + query)
    }

    /// Its fields say how it may be cached.
    @Test func track_isStreamedWholeAndInOrder() async throws {
        try await with(4_321) { server in
            let response = try await ask(server)
            #expect(response.status == 200 && response.isWhole)
            #expect(response["content-type"] == "application/json")
            #expect(response["vary"] == "Accept, Accept-Encoding, Authorization")
            #expect(response["cache-control"] == "private, no-store")
            #expect(response["x-content-type-options"] == "nosniff")
            let track = try response.json(TrackDocument.self)
            #expect(track.vehicleId == "van-7" && track.nextCursor == nil)
            let start = MemoryTrackStore.start
            #expect(
                track.fixes.map(\.recordedAt)
                    == (0..<4_321).map { start.advanced(by: .seconds($0)).rfc3339 })
            #expect(server.tracks.pages == [100, 2_000, 2_000, 2_000])
        }
    }

    @Test(arguments: [1_000, 1_500])
    func cursors_leadToTheEnd(limit: Int) async throws {
        try await with(3_000) { server in
            var (seen, query): (Int, String?) = (0, "?limit=\(limit)")
            while let asked = query {
                let track = try await ask(server, asked).json(TrackDocument.self)
                #expect(track.fixes.count == limit)
                seen += track.fixes.count
                query = track.nextCursor.map { "?limit=\(limit)&cursor=\($0)" }
            }
            #expect(seen == 3_000)
        }
    }

    @Test(arguments: ["application/json", "application/geo+json", "application/gpx+xml", "text/csv"])
    func format_hasItsMediaType(type: String) async throws {
        try await with(150) { server in
            let response = try await ask(server, "", ["Accept: \(type)"])
            #expect(response.isWhole && response["content-type"]?.hasPrefix(type) == true)
            #expect(response.text.components(separatedBy: "2026-11-20T17:").count > 150)
            let empty = try await ask(server, "?to=2020-01-01T00:00:00Z", ["Accept: \(type)"])
            #expect(empty.status == 200 && empty.isWhole)
        }
    }

    /// Only GeoJSON asks the store whether the line crosses.
    @Test func geoJSON_isCutAtTheAntimeridian_acrossPages() async throws {
        struct Feature: Decodable {
            struct Geometry: Decodable {
                let type: String
                let coordinates: [[[Double]]]
            }
            let geometry: Geometry
        }
        try await with(0) { server in
            // The track goes east and crosses the antimeridian between the first page and the second.
            server.tracks.put(150, of: try #require(VehicleID("van-7"))) { vehicle, index in
                var stored = MemoryTrackStore.plain(vehicle, index)
                let longitude = 170.05 + Double(index) / 10
                stored.fix.longitudeDegrees = longitude > 180 ? longitude - 360 : longitude
                return stored
            }
            let geoJSON = ["Accept: application/geo+json"]
            let cut = try await ask(server, "", geoJSON).json(Feature.self).geometry
            #expect(cut.type == "MultiLineString" && cut.coordinates.map(\.count) == [101, 51])
            #expect(cut.coordinates[0].last == [180, 53.5] && cut.coordinates[1].first == [-180, 53.5])
            #expect(server.tracks.crossings == [10_000])
            // The geometry depends only on the fixes within the limit.
            let short = try await ask(server, "?limit=100", geoJSON)
            #expect(short.text.contains("\"LineString\""))
            #expect(server.tracks.crossings == [10_000, 100])
            for type in ["application/json", "text/csv", "application/gpx+xml"] {
                _ = try await ask(server, "", ["Accept: \(type)"])
            }
            _ = try await ask(server, "", geoJSON, method: "HEAD")
            #expect(server.tracks.crossings.count == 2)
        }
    }

    /// The gzip stream ends with the body.
    @Test func track_isCompressed_whenTheClientAcceptsGzip() async throws {
        try await with(5_000) { server in
            let plain = try await ask(server)
            let response = try await ask(server, "", ["Accept-Encoding: gzip"])
            #expect(response["content-encoding"] == "gzip" && response.isWhole)
            #expect(response.body.count < plain.body.count / 4)
            var inflater = try Inflater(format: .gzip)
            var body: [UInt8] = []
            let progress = try inflater.inflate(response.body.span, limit: 10_000_000, into: &body)
            #expect(progress.isAtEnd && body == plain.body)
        }
    }

    @Test func headRequest_readsOnlyTheFirstPage() async throws {
        try await with(5_000) { server in
            let response = try await ask(server, method: "HEAD")
            #expect(response.status == 200 && response["transfer-encoding"] == "chunked")
            #expect(response.body.isEmpty)
            #expect(server.tracks.pages == [100])
        }
    }

    @Test func problem_hasAStatus_beforeTheFirstByte() async throws {
        try await with(10) { server in
            #expect(try await ask(server, "?limit=0").status == 400)
            #expect(try await ask(server, "", ["Accept: image/png"]).status == 406)
            server.tracks.fail(after: 0)
            let away = try await ask(server)
            #expect(away.status == 503 && away["retry-after"] != nil)
        }
    }

    @Test func hiddenFleet_isAnsweredLikeAnUnknownOne() async throws {
        try await with(10) { server in
            let id = ["X-Request-Id: same"]
            func get(_ path: String, token: String? = "t") async throws -> RawResponse {
                try await server.get("/api/v1/fleets/\(path)/track", token: token, id)
            }
            let foreign = try await get("south/vehicles/van-7")
            #expect(foreign.status == 404)
            #expect(try await get("nowhere/vehicles/van-7").body == foreign.body)
            #expect(try await get("north/vehicles/van-8").status == 404)
            #expect(try await get("north/vehicles/-").status == 404)
            #expect(try await get("north/vehicles/van-7", token: nil).status == 401)
            let options = try await server.request("OPTIONS", Self.path)
            #expect(options.status == 204 && options["allow"] == "GET, HEAD, OPTIONS")
        }
    }

    @Test func failedTrack_endsWithoutTheLastChunk_andLeavesItsPlace() async throws {
        try await with(50_000) { server in
            server.tracks.fail(after: 5)
            for _ in 0...TrackTurnsState.Limits().places {
                let response = try await ask(server, "?limit=50000")
                #expect(response.status == 200 && !response.isWhole)
                server.tracks.fail(after: server.tracks.pages.count + 5)
            }
        }
    }

    @Test func store_isNotReadAhead_ofASlowClient() async throws {
        try await with(1_000_000) { server in
            let client = try RawClient(port: server.port, receiveBuffer: 4_096)
            try await client.send(
                "GET \(Self.path)?limit=1000000 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(WebServer.token("t"))\r\n\r\n"
            )
            var received = 0
            while received < 16_000_000, let bytes = try await client.someBytes() {
                received += bytes.count
                // Every fix has more than 100 bytes. The kernel's buffers on both sides hold a few megabytes.
                let read = server.tracks.pages.count * TrackProgress.page * 100
                #expect(read < received + 12_000_000)
            }
            #expect(server.tracks.pages.count < 300)
        }
    }

    /// A client that has read the head of a long track.
    private func reader(_ server: WebServer, token: String = "t") async throws -> RawClient {
        let client = try RawClient(port: server.port, receiveBuffer: 4_096)
        try await client.send(
            "GET \(Self.path)?limit=1000000 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(WebServer.token(token))\r\n\r\n"
        )
        #expect(try await client.response(hasBody: false).status == 200)
        return client
    }

    /// The same holds when the vehicle comes back.
    @Test(arguments: [false, true])
    func track_isCut_whenItsVehicleIsRemoved(comesBack: Bool) async throws {
        try await with(1_000_000) { server in
            let vehicle = try #require(VehicleID("van-7"))
            let client = try await reader(server)
            server.tracks.remove(vehicle)
            if comesBack { server.tracks.put(10, of: vehicle) }
            let rest = try await client.untilEnd()
            #expect(rest.count < 50_000_000)
            #expect(rest.suffix(5) != Array("0\r\n\r\n".utf8)[...])
            #expect(try await ask(server).status == (comesBack ? 200 : 404))
        }
    }

    @Test func track_ends_whenItsTokenIsRevoked() async throws {
        try await with(1_000_000) { server in
            let client = try await reader(server)
            server.store.removeToken(hash: Credential.token(WebServer.token("t")).hash)
            server.revision.changed()
            let rest = try await client.untilEnd()
            #expect(rest.count < 50_000_000)
            #expect(rest.suffix(5) != Array("0\r\n\r\n".utf8)[...])
        }
    }
}

/// The JSON of a track.
struct TrackDocument: Decodable {
    struct Fix: Decodable {
        let recordedAt: String
        let lat: Double
        let lng: Double
    }

    let fleetId: String
    let vehicleId: String
    let fixes: [Fix]
    let nextCursor: String?
}
