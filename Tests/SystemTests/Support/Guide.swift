import Foundation
import HarborFleetTesting

/// A Markdown file whose fenced blocks tests use. A marker before a block names it:
///
///     <!-- test: first-fix -->
///     ```sh
///     curl …
///     ```
struct Guide {
    static let readme = "README.md"
    static let sendingFixes = "Sources/HarborFleetServer/HarborFleet.docc/sending-fixes.md"
    static let operating = "Sources/HarborFleetServer/HarborFleet.docc/operating.md"

    let name: String
    let text: String

    init(name: String, text: String) {
        self.name = name
        self.text = text
    }

    /// Reads a file.
    /// - Parameter path: from the root of the project.
    init(at path: String) throws {
        // This file is three folders below the root.
        var root = URL(fileURLWithPath: #filePath)
        for _ in 1...4 { root.deleteLastPathComponent() }
        self.init(name: path, text: try String(contentsOf: root.appending(path: path), encoding: .utf8))
    }

    /// The text of the fenced block that follows the marker `<!-- test: NAME -->`.
    /// - Throws: `TestFailure` when no block follows a marker of this name.
    func block(_ name: String) throws -> String {
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
    func tree(_ name: String) throws -> [String] {
        try block(name).components(separatedBy: "\n").filter { $0.hasPrefix("├─ ") || $0.hasPrefix("└─ ") }
            .flatMap { $0.dropFirst(3).components(separatedBy: "  ")[0].components(separatedBy: ", ") }
    }
}
