import Foundation
import Testing

@testable import HarborFleet
@testable import HarborFleetSite

/// The decisions of the web app's scripts, run by Node.js where it is installed: clock, ages, order, filter, words, stream.
/// What draws (the table's elements, Leaflet, the canvas) is looked at in a browser.
@Suite(.timeLimit(.minutes(1))) struct WebAppScriptTests {
    private static let node = ["/usr/bin/node", "/usr/local/bin/node", "/opt/homebrew/bin/node"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "Scripts")

    @Test(.enabled(if: WebAppScriptTests.node != nil, "Node.js is not installed"))
    func scripts_decideRight() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for (name, bytes) in EmbeddedFiles.all where name.hasSuffix(".js") {
            try Data(bytes).write(to: directory.appending(path: name))
        }
        for file in try FileManager.default.contentsOfDirectory(atPath: Self.folder.path) {
            try FileManager.default.copyItem(
                at: Self.folder.appending(path: file), to: directory.appending(path: file))
        }
        // Else a .js file is a classic script to Node.js.
        try Data("{\"type\":\"module\"}".utf8).write(to: directory.appending(path: "package.json"))
        let run = try run(in: directory)
        #expect(run.status == 0, "\(run.output)")
        // A run without tests would be fine, too.
        #expect(run.output.contains("# pass") && !run.output.contains("# pass 0\n"))
    }

    private func run(in directory: URL) throws -> (status: Int32, output: String) {
        let (process, output) = (Process(), Pipe())
        process.executableURL = try URL(filePath: #require(Self.node))
        process.arguments = ["--test", "--test-reporter=tap"]
        process.currentDirectoryURL = directory
        (process.standardOutput, process.standardError) = (output, output)
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    @Test func ids_areOrderedAsTheScriptOrdersThem() throws {
        let data = try Data(contentsOf: Self.folder.appending(path: "ordered-ids.json"))
        let ids = try JSONDecoder().decode([String].self, from: data)
        for (i, a) in ids.enumerated() {
            for (j, b) in ids.enumerated() { #expect(NaturalOrder.isInOrder(a, b) == (i < j), "\(a) \(b)") }
        }
    }
}
