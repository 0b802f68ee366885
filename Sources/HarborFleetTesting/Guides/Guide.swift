internal import Foundation

/// A Markdown file whose fenced blocks tests use. A marker before a block names it:
///
///     <!-- test: first-fix -->
///     ```sh
///     curl …
///     ```
package struct Guide {
    private static let folder = "Sources/HarborFleetServer/HarborFleet.docc"
    package static let readme = "README.md"
    package static let sendingFixes = folder + "/sending-fixes.md"
    package static let reading = folder + "/reading.md"
    package static let operating = folder + "/operating.md"

    /// README and all guides.
    package static func all() throws -> [Guide] {
        let guides = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)
        return try ([readme] + guides.sorted().filter { $0.hasSuffix(".md") }.map { "\(folder)/\($0)" })
            .map { try Guide(at: $0) }
    }

    /// The root of the project.
    private static var root: URL {
        // This file is three folders below the root.
        (1...4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
    }

    package let name: String
    package let text: String

    package init(name: String, text: String) {
        self.name = name
        self.text = text
    }

    /// Reads a file.
    /// - Parameter path: from the root of the project.
    package init(at path: String) throws {
        self.init(
            name: path, text: try String(contentsOf: Self.root.appending(path: path), encoding: .utf8))
    }

    /// The text of the fenced block that follows the marker `<!-- test: NAME -->`.
    /// - Throws: `TestFailure` when no block follows a marker of this name.
    package func block(_ name: String) throws -> String {
        let lines = text.components(separatedBy: "\n")
        let marker = "<!-- test: \(name) -->"
        guard let place = lines.firstIndex(of: marker),
            let start = lines[(place + 1)...].firstIndex(where: { !$0.isEmpty }),
            lines[start].hasPrefix("```"), let end = lines[(start + 1)...].firstIndex(of: "```")
        else { throw TestFailure("\(self.name) has no fenced block after \(marker)") }
        return lines[(start + 1)..<end].joined(separator: "\n") + "\n"
    }

    /// The names in a tree of one level that a block draws with `├─` and `└─`, in order. A line may have several names,
    /// with commas between, and a remark after two spaces.
    package func tree(_ name: String) throws -> [String] {
        try block(name).components(separatedBy: "\n").filter { $0.hasPrefix("├─ ") || $0.hasPrefix("└─ ") }
            .flatMap { $0.dropFirst(3).components(separatedBy: "  ")[0].components(separatedBy: ", ") }
    }

    /// The arguments of each call of `harbor-fleet` in the blocks of shell commands.
    package var commands: [[String]] {
        text.components(separatedBy: "```sh\n").dropFirst().flatMap { rest in
            let block = rest.components(separatedBy: "```")[0].replacing("\\\n", with: " ")
                .replacing("$hf ", with: "harbor-fleet ").replacing("docker exec harbor-fleet ", with: "")
            return block.components(separatedBy: "\n").flatMap(Self.commands(in:))
        }
    }

    private static func commands(in line: String) -> [[String]] {
        let code = line.replacing(/(^|\s)#.*$/, with: "")
        return code.matches(of: /(?:^|[\s(])harbor-fleet (?<arguments>[a-z][^|;)&>]*)/).map { match in
            match.output.arguments.replacing(/"[^"]*"/, with: "text").split(separator: " ").map(String.init)
        }
    }
}
