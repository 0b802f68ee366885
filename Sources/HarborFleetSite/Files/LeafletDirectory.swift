internal import Foundation

/// Leaflet's files as Debian's `libjs-leaflet` installs them, read into memory once. A request's path is only
/// compared with the names found at that time, so no request reaches the file system.
struct LeafletDirectory {
    /// The directory in which the package installs them.
    static let debianPath = "/usr/share/javascript/leaflet"

    /// A file larger than this is not Leaflet's, and is skipped.
    private static let maximumFileBytes = 2 * 1_048_576

    /// Content by name below the directory, such as `leaflet.css` or `images/layers.png`.
    let files: [String: [UInt8]]

    /// Reads the files in the directory; empty when it cannot be read. Blocks, so call it only at the start of
    /// the process.
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

    /// The minified script if it exists, else the plain one.
    var scriptName: String? {
        ["leaflet.min.js", "leaflet.js"].first { files[$0] != nil }
    }

    /// The package also contains module builds and source maps, which no page requests.
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
