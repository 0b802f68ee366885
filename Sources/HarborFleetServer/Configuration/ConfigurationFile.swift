internal import Configuration
internal import FoundationEssentials
internal import Processes
internal import TextFormats

/// The JSON file of settings: one object with flat keys.
struct ConfigurationFile: Sendable {
    /// The path that is read when `--config` names no other file; this one may be missing.
    static let standardPath = "Config/harbor-fleet.json"

    let path: String
    /// The keys at the top of the file with their places; they distinguish a missing setting from a malformed
    /// one.
    let keys: [String: TextPlace]
    let provider: SnapshotProvider?

    /// Reads the file once: it may be a pipe.
    /// - Parameter namedPath: the path from `--config`, which must exist; nil for the standard path.
    /// - Throws: `.unusableFile` when it cannot be read or is no JSON object, `.unknownKey` for a key that is no
    ///   setting.
    init(namedPath: String?) throws(ConfigurationError) {
        let path = namedPath ?? Self.standardPath
        self.path = path
        guard namedPath != nil || FileManager.default.fileExists(atPath: path) else {
            keys = [:]
            provider = nil
            return
        }
        let bytes = try Self.using(path) { try WholeFile.bytes(at: path) }
        let members = try Self.using(path, "is not a JSON object: ") { try JSONOutline(bytes).members }
        if let unknown = members.first(where: { !SettingName.keys.contains($0.name) }) {
            throw .unknownKey(unknown.name, file: "\(path), \(unknown.place)")
        }
        keys = Dictionary(members.map { ($0.name, $0.place) }) { first, _ in first }
        provider = try Self.using(path) {
            // The array owns the memory, and lends it for this call only.
            let content = unsafe bytes.span.bytes
            return SnapshotProvider(
                values: try JSONSnapshot(data: content, providerName: path, parsingOptions: .default))
        }
    }

    /// The name of a key in an error: with its place, if that is known.
    func label(_ key: String) -> String {
        keys[key].map { "\(path), \($0): '\(key)'" } ?? "\(path): '\(key)'"
    }

    /// Runs `body`; an error of `body` becomes the reason why the file cannot be used.
    private static func using<Value>(
        _ path: String, _ why: String = "", _ body: () throws -> Value
    ) throws(ConfigurationError) -> Value {
        do {
            return try body()
        } catch {
            throw .unusableFile(setting: "configuration file", path: path, reason: "\(why)\(error)")
        }
    }
}

/// The values of a file that has been read. The library's own provider would read the file again, and a pipe
/// would be empty by then.
struct SnapshotProvider: ConfigProvider {
    let values: JSONSnapshot

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
