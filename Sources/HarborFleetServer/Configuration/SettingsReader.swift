internal import Configuration
internal import Processes

/// Looks for each setting in the environment, else in the file. Returns nil when neither has it; the caller supplies
/// the default. Errors name the setting and its place. A setting that is present but malformed is never replaced by
/// its default.
struct SettingsReader {
    private let reader: ConfigReader
    private let environment: [String: String]
    private let file: ConfigurationFile
    /// Variables that look like settings and are ignored.
    let ignored: [IgnoredVariable]

    /// - Throws: `.unknownVariable` for a `HARBOR_…` variable that is no setting.
    init(environment: [String: String], file: ConfigurationFile) throws(ConfigurationError) {
        let own = SettingVariables(environment)
        let environment = own.values
        ignored = own.ignored
        let unknown = environment.keys.filter { $0.hasPrefix(SettingName.prefix) }
        if let name = Set(unknown).subtracting(SettingName.variables).min() {
            throw .unknownVariable(name)
        }
        self.environment = environment
        self.file = file
        let variables = EnvironmentVariablesProvider(environmentVariables: environment).mapKeys { key in
            // The reader uses the keys of the file; in the environment all but two gain the prefix.
            let plain = ["database_url", "database_direct_url"]
            return plain.contains { key.components.first?.hasPrefix($0) == true }
                ? key : key.prepending(["harbor"])
        }
        let providers: [any ConfigProvider] = [variables] + (file.provider.map { [$0] } ?? [])
        reader = ConfigReader(providers: providers)
    }

    /// The name of a setting in an error: its variable if that is set, else its key in the file.
    func label(_ name: SettingName, suffix: String = "") -> String {
        let variable = name.variable + suffix.uppercased()
        return environment[variable] != nil ? variable : file.label(name.rawValue + suffix)
    }

    /// Whether the setting has a value, valid or not.
    func isSet(_ name: SettingName, suffix: String = "") -> Bool {
        environment[name.variable + suffix.uppercased()] != nil || file.keys[name.rawValue + suffix] != nil
    }

    /// Whether the environment sets it, which overrides the file.
    func isVariable(_ name: SettingName, suffix: String = "") -> Bool {
        environment[name.variable + suffix.uppercased()] != nil
    }

    /// A whole number in `range`; nil when it is not set.
    func integer(_ name: SettingName, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int? {
        try number(name, "a whole number", range) { try reader.requiredInt(forKey: $0) }
    }

    /// Seconds, possibly with a fraction, in `range`; nil when it is not set.
    func seconds(_ name: SettingName, in range: ClosedRange<Double>) throws(ConfigurationError) -> Duration? {
        try number(name, "a number of seconds", range) { try reader.requiredDouble(forKey: $0) }
            .map { .milliseconds(Int64(($0 * 1_000).rounded())) }
    }

    private func number<Value>(
        _ name: SettingName, _ kind: String, _ range: ClosedRange<Value>, _ body: (ConfigKey) throws -> Value
    ) throws(ConfigurationError) -> Value? {
        let expected = "\(kind) from \(range.lowerBound) to \(range.upperBound)"
        guard let value = try read(name, expected, body) else { return nil }
        // A NaN is in no range, so it is refused here.
        guard range.contains(value) else { throw .malformed(setting: label(name), expected: expected) }
        return value
    }

    /// `true` or `false` (also `yes`, `no`, `1`, `0` in the environment); nil when it is not set.
    func flag(_ name: SettingName) throws(ConfigurationError) -> Bool? {
        try read(name, "true or false") { try reader.requiredBool(forKey: $0) }
    }

    /// A text, unchanged; nil when it is not set.
    func text(_ name: SettingName, expected: String) throws(ConfigurationError) -> String? {
        try read(name, expected) { try reader.requiredString(forKey: $0) }
    }

    /// A list: separated by commas in the environment, an array of strings in the file; empty parts are dropped.
    func list(_ name: SettingName, expected: String) throws(ConfigurationError) -> [String]? {
        try read(name, expected) { try reader.requiredStringArray(forKey: $0) }?.filter { !$0.isEmpty }
    }

    /// A secret, given as a value or as the name of a file that holds it (without its trailing line end). An
    /// empty secret is refused: it would silently select another database, or another key, than the operator
    /// meant.
    func secret(_ name: SettingName) throws(ConfigurationError) -> Secret? {
        let fileSuffix = "_file"
        let (asValue, asFile) = (isSet(name), isSet(name, suffix: fileSuffix))
        // Both forms in one place contradict each other; otherwise the environment overrides the file.
        if asValue, asFile, isVariable(name) == isVariable(name, suffix: fileSuffix) {
            throw .givenTwice(label(name), label(name, suffix: fileSuffix))
        }
        if asFile, !asValue || isVariable(name, suffix: fileSuffix) {
            return try secretFromFile(name, suffix: fileSuffix)
        }
        guard let value = try text(name, expected: "a text") else { return nil }
        guard !value.isEmpty else { throw .malformed(setting: label(name), expected: "not empty") }
        return Secret(value)
    }

    private func secretFromFile(_ name: SettingName, suffix: String) throws(ConfigurationError) -> Secret {
        let setting = label(name, suffix: suffix)
        let path: String
        do {
            path = try reader.requiredString(forKey: ConfigKey([name.rawValue + suffix]))
        } catch {
            throw .malformed(setting: setting, expected: "the path of a file")
        }
        do throws(WholeFile.Failure) {
            let value = try WholeFile.secret(at: path)
            if !value.isEmpty { return Secret(value) }
        } catch {
            throw .unusableFile(setting: setting, path: path, reason: "\(error)")
        }
        throw .unusableFile(setting: setting, path: path, reason: "is empty")
    }

    private func read<Value>(
        _ name: SettingName, _ expected: String, _ body: (ConfigKey) throws -> Value
    ) throws(ConfigurationError) -> Value? {
        guard isSet(name) else { return nil }
        do {
            return try body(ConfigKey([name.rawValue]))
        } catch {
            throw .malformed(setting: label(name), expected: expected)
        }
    }
}
