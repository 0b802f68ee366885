import Foundation
import Logging
import Testing

@testable import HarborFleetSite

@Suite struct WebAppAssetsTests {
    private let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Sources/HarborFleetSite/Assets").standardizedFileURL

    private func assets(leaflet: String) -> StaticAssets {
        StaticAssets(
            leafletDirectory: leaflet,
            logger: .silent)
    }

    private func modules() -> [String: String] {
        EmbeddedFiles.all.filter { $0.key.hasSuffix(".js") }.mapValues { String(decoding: $0, as: UTF8.self) }
    }

    @Test func everyFileOfTheFolder_isServed() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(Set(files) == Set(EmbeddedFiles.all.keys))
    }

    @Test func asset_hasATypeAndAStableTag() throws {
        let first = try #require(assets(leaflet: "/nowhere")["/assets/app.css"])
        let second = try #require(assets(leaflet: "/nowhere")["/assets/app.css"])
        #expect(first.contentType == "text/css; charset=utf-8")
        #expect(first.entityTag == second.entityTag)
        #expect(first.entityTag.opaque.count > 6 && !first.entityTag.isWeak)
        #expect(first.entityTag != assets(leaflet: "/nowhere")["/assets/live.js"]?.entityTag)
    }

    @Test(arguments: [
        "/assets/", "/assets/../Package.swift", "/assets/openapi.json/..", "/assets/leaflet/../app.css",
        "/assets",
        "/assets/APP.CSS", "/assets/leaflet/leaflet.js", "",
    ])
    func path_isNotFound_whenItIsNotInTheTable(path: String) {
        #expect(assets(leaflet: "/nowhere")[path] == nil)
    }

    @Test func leaflet_isAbsent_whenTheDirectoryIsMissing() {
        #expect(assets(leaflet: "/nowhere").leaflet == nil)
    }

    @Test func leaflet_isReadFromItsDirectory_andNoOtherFileIs() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        let images = directory.appending(path: "images")
        try FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for name in ["leaflet.js", "leaflet.css", "leaflet.js.map", "secret.txt", "images/layers.png"] {
            try Data(name.utf8).write(to: directory.appending(path: name))
        }
        let assets = assets(leaflet: directory.path)
        #expect(assets.leaflet?.script.text == "/assets/leaflet/leaflet.js")
        #expect(assets["/assets/leaflet/images/layers.png"]?.contentType == "image/png")
        #expect(assets["/assets/leaflet/leaflet.css"]?.bytes == Array("leaflet.css".utf8))
        #expect(
            assets.paths.filter { $0.hasPrefix("/assets/leaflet") } == [
                "/assets/leaflet/images/layers.png", "/assets/leaflet/leaflet.css",
                "/assets/leaflet/leaflet.js",
            ])
    }

    @Test func everyImport_leadsToAModule() {
        for (name, source) in modules() {
            for imported in source.matches(of: /from "\.\/([^"]+)"/) {
                #expect(EmbeddedFiles.all[String(imported.1)] != nil, "\(name) imports \(imported.1)")
            }
        }
    }

    @Test func modules_writeNoMarkup_andNameNoOtherHost() {
        for (name, source) in modules() {
            for forbidden in [
                "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "://",
            ] {
                #expect(!source.contains(forbidden), "\(name) has \(forbidden)")
            }
        }
    }
}
