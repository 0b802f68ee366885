internal import Configuration
internal import FoundationEssentials

/// The JSON file of settings: one object, flat keys.
struct ConfigurationFile: Sendable {
    /// Where it is looked for when no `--config` names another; it may be missing there.
    static let standardPath = "Config/harbor-fleet.json"

    let path: String
    /// The keys at the top of the file, to tell a missing setting from a malformed one.
    let keys: Set<String>
    let provider: FileProvider<JSONSnapshot>?

    /// Reads the file.
    /// - Parameter namedPath: what `--config` said: a file that must be there; nil for the standard one.
    /// - Throws: `.unusableFile` when it cannot be read or is no JSON object, `.unknownKey` for a key of no setting.
    init(namedPath: String?) async throws(ConfigurationError) {
        path = namedPath ?? Self.standardPath
        guard namedPath != nil || FileManager.default.fileExists(atPath: path) else {
            keys = []
            provider = nil
            return
        }
        keys = try Self.topLevelKeys(of: path)
        if let unknown = keys.subtracting(SettingName.keys).min() {
            throw .unknownKey(unknown, file: path)
        }
        do {
            provider = try await FileProvider<JSONSnapshot>(filePath: .init(path))
        } catch {
            throw Self.unusable(path, "\(error)")
        }
    }

    private static func topLevelKeys(of path: String) throws(ConfigurationError) -> Set<String> {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw unusable(path, "cannot be read")
        }
        do {
            return try JSONDecoder().decode(Keys.self, from: data).names
        } catch {
            throw unusable(path, "is not a JSON object")
        }
    }

    private static func unusable(_ path: String, _ reason: String) -> ConfigurationError {
        .unusableFile(setting: "configuration file", path: path, reason: reason)
    }

    /// Decodes the names of an object's members, whatever their values are.
    private struct Keys: Decodable {
        let names: Set<String>

        init(from decoder: any Decoder) throws {
            names = Set(try decoder.container(keyedBy: Name.self).allKeys.map(\.stringValue))
        }

        private struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init?(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }
    }
}
