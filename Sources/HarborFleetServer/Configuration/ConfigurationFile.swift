internal import Configuration
internal import FoundationEssentials
internal import Processes
internal import TextFormats

/// The JSON file of settings: one object, flat keys.
struct ConfigurationFile: Sendable {
    /// Where it is looked for when no `--config` names another; it may be missing there.
    static let standardPath = "Config/harbor-fleet.json"

    let path: String
    /// The keys at the top of the file with their places, to tell a missing setting from a malformed one.
    let keys: [String: TextPlace]
    let provider: SnapshotProvider?

    /// Reads the file, once: it may be a pipe.
    /// - Parameter namedPath: what `--config` said: a file that must be there; nil for the standard one.
    /// - Throws: `.unusableFile` when it cannot be read or is no JSON object, `.unknownKey` for a key of no setting.
    init(namedPath: String?) throws(ConfigurationError) {
        path = namedPath ?? Self.standardPath
        guard namedPath != nil || FileManager.default.fileExists(atPath: path) else {
            keys = [:]
            provider = nil
            return
        }
        let bytes = try Self.bytes(of: path)
        let members = try Self.members(of: bytes, path)
        if let unknown = members.first(where: { !SettingName.keys.contains($0.name) }) {
            throw .unknownKey(unknown.name, file: "\(path), \(unknown.place)")
        }
        keys = Dictionary(members.map { ($0.name, $0.place) }) { first, _ in first }
        do {
            // The array owns the memory, and lends it for the call.
            let content = unsafe bytes.span.bytes
            provider = SnapshotProvider(
                try JSONSnapshot(data: content, providerName: path, parsingOptions: .default))
        } catch {
            throw Self.unusable(path, "\(error)")
        }
    }

    /// How an error names a key: with its place, where that is known.
    func label(_ key: String) -> String {
        keys[key].map { "\(path), \($0): '\(key)'" } ?? "\(path): '\(key)'"
    }

    private static func bytes(of path: String) throws(ConfigurationError) -> [UInt8] {
        do throws(WholeFile.Failure) {
            return try WholeFile.bytes(at: path)
        } catch {
            throw unusable(path, "\(error)")
        }
    }

    private static func members(
        of bytes: [UInt8], _ path: String
    ) throws(ConfigurationError) -> [JSONOutline.Member] {
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

/// The values of a file that is read already. The library's own provider reads a file itself, and a pipe is empty by then.
struct SnapshotProvider: ConfigProvider {
    private let values: JSONSnapshot

    init(_ values: JSONSnapshot) {
        self.values = values
    }

    var providerName: String { values.providerName }

    func value(forKey key: AbsoluteConfigKey, type: ConfigType) throws -> LookupResult {
        try values.value(forKey: key, type: type)
    }

    func fetchValue(forKey key: AbsoluteConfigKey, type: ConfigType) async throws -> LookupResult {
        try values.value(forKey: key, type: type)
    }

    func watchValue<Return: ~Copyable>(
        forKey key: AbsoluteConfigKey, type: ConfigType,
        updatesHandler: (
            _ updates: ConfigUpdatesAsyncSequence<Result<LookupResult, any Error>, Never>
        ) async throws -> Return
    ) async throws -> Return {
        try await watchValueFromValue(forKey: key, type: type, updatesHandler: updatesHandler)
    }

    func snapshot() -> any ConfigSnapshot { values }

    func watchSnapshot<Return: ~Copyable>(
        updatesHandler: (_ updates: ConfigUpdatesAsyncSequence<any ConfigSnapshot, Never>) async throws ->
            Return
    ) async throws -> Return {
        try await watchSnapshotFromSnapshot(updatesHandler: updatesHandler)
    }
}
