import Foundation
import Testing

@testable import HarborFleet
@testable import HarborFleetSite

/// The decisions of the web app's scripts, run by Node.js: clock, ages, order, filter, words, and stream. The drawing
/// (the elements of the table, Leaflet, and the canvas) needs a browser and is not tested here.
@Suite(.timeLimit(.minutes(1))) struct WebAppScriptTests {
    private static let node = ["/usr/bin/node", "/usr/local/bin/node", "/opt/homebrew/bin/node"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "Scripts")

    /// A machine without Node.js fails this test. `make test` installs it.
    @Test func scripts_passTheirTests() throws {
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
        // Without this, Node.js reads a .js file as a classic script.
        try Data("{\"type\":\"module\"}".utf8).write(to: directory.appending(path: "package.json"))
        let run = try run(in: directory)
        #expect(run.status == 0, "\(run.output)")
        // A run without tests would succeed too.
        #expect(run.output.contains("# pass") && !run.output.contains("# pass 0\n"))
    }

    private func run(in directory: URL) throws -> (status: Int32, output: String) {
        let (process, output) = (Process(), Pipe())
        process.executableURL = try URL(filePath: #require(Self.node, "Node.js is not installed"))
        process.arguments = ["--test", "--test-reporter=tap"]
        process.currentDirectoryURL = directory
        (process.standardOutput, process.standardError) = (output, output)
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    @Test func ids_areOrderedAsInTheScript() throws {
        let data = try Data(contentsOf: Self.folder.appending(path: "ordered-ids.json"))
        let ids = try JSONDecoder().decode([String].self, from: data)
        for (i, a) in ids.enumerated() {
            for (j, b) in ids.enumerated() { #expect(NaturalOrder.isInOrder(a, b) == (i < j), "\(a) \(b)") }
        }
    }
}
