internal import Foundation

/// Leaflet's files as Debian's `libjs-leaflet` installs them, read once into memory. A request's path is only
/// ever compared with the names found then.
struct LeafletDirectory {
    /// Where the package puts them.
    static let debianPath = "/usr/share/javascript/leaflet"

    /// A file bigger than this is not Leaflet's.
    private static let maximumFileBytes = 2 * 1_048_576

    /// Content by name below the directory, such as `leaflet.css` or `images/layers.png`.
    let files: [String: [UInt8]]

    /// Reads what the directory holds; empty when it cannot be read. Blocks: for the start of the process only.
    init(path: String) {
        var files: [String: [UInt8]] = [:]
        for folder in ["", "images/"] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: path + "/" + folder)) ?? []
            for name in names where Self.isServed(name) {
                files[folder + name] = Self.read(path + "/" + folder + name)
            }
        }
        self.files = files
    }

    /// The minified script when there is one.
    var scriptName: String? {
        ["leaflet.min.js", "leaflet.js"].first { files[$0] != nil }
    }

    /// The package also holds module builds and source maps, which no page asks for.
    private static func isServed(_ name: String) -> Bool {
        ["leaflet.js", "leaflet.min.js", "leaflet.css"].contains(name) || name.hasSuffix(".png")
    }

    private static func read(_ path: String) -> [UInt8]? {
        guard let data = FileManager.default.contents(atPath: path), data.count <= maximumFileBytes else {
            return nil
        }
        return [UInt8](data)
    }
}
