internal import Configuration
internal import FoundationEssentials
internal import HarborFleet

/// The JSON file of settings: one object, flat keys.
struct ConfigurationFile: Sendable {
    /// Where it is looked for when no `--config` names another; it may be missing there.
    static let standardPath = "Config/harbor-fleet.json"

    let path: String
    /// The keys at the top of the file with their places, to tell a missing setting from a malformed one.
    let keys: [String: TextPlace]
    let provider: FileProvider<JSONSnapshot>?

    /// Reads the file.
    /// - Parameter namedPath: what `--config` said: a file that must be there; nil for the standard one.
    /// - Throws: `.unusableFile` when it cannot be read or is no JSON object, `.unknownKey` for a key of no setting.
    init(namedPath: String?) async throws(ConfigurationError) {
        path = namedPath ?? Self.standardPath
        guard namedPath != nil || FileManager.default.fileExists(atPath: path) else {
            keys = [:]
            provider = nil
            return
        }
        let members = try Self.members(of: path)
        if let unknown = members.first(where: { !SettingName.keys.contains($0.name) }) {
            throw .unknownKey(unknown.name, file: "\(path), \(unknown.place)")
        }
        keys = Dictionary(members.map { ($0.name, $0.place) }) { first, _ in first }
        do {
            provider = try await FileProvider<JSONSnapshot>(filePath: .init(path))
        } catch {
            throw Self.unusable(path, "\(error)")
        }
    }

    /// How an error names a key: with its place, where that is known.
    func label(_ key: String) -> String {
        keys[key].map { "\(path), \($0): '\(key)'" } ?? "\(path): '\(key)'"
    }

    private static func members(of path: String) throws(ConfigurationError) -> [JSONOutline.Member] {
        let bytes: [UInt8]
        do throws(WholeFile.Failure) {
            bytes = try WholeFile.bytes(at: path)
        } catch {
            throw unusable(path, "\(error)")
        }
        do throws(JSONOutline.Failure) {
            return try JSONOutline(bytes).members
        } catch {
            throw unusable(path, "is not a JSON object: \(error)")
        }
    }

    private static func unusable(_ path: String, _ reason: String) -> ConfigurationError {
        .unusableFile(setting: "configuration file", path: path, reason: reason)
    }
}
