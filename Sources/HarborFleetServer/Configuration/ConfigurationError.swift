/// Why a configuration cannot be used. Its text names the setting and where it was found, never a secret's value.
package enum ConfigurationError: Error, Equatable {
    /// A `HARBOR_…` variable that no setting has: most often a typing error, so it is never passed over.
    case unknownVariable(String)
    /// A key of the configuration file that no setting has.
    case unknownKey(String, file: String)
    /// A value that is not of its setting's form or not in its range.
    case malformed(setting: String, expected: String)
    /// The same secret given both as a value and as a file.
    case givenTwice(String, String)
    /// A file that is named but cannot be used.
    case unusableFile(setting: String, path: String, reason: String)
}

extension ConfigurationError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownVariable(let name):
            "\(name) is not a setting of harbor-fleet. \(Self.hint(name, SettingName.variables) ?? "Unset it, or correct its name")"
        case .unknownKey(let key, let file):
            "\(file): '\(key)' is not a setting of harbor-fleet. \(Self.hint(key, SettingName.keys) ?? "Remove it, or correct its name")"
        case .malformed(let setting, let expected):
            "\(setting) must be \(expected)"
        case .givenTwice(let first, let second):
            "\(first) and \(second) are both set. Keep one of them"
        case .unusableFile(let setting, let path, let reason):
            "\(setting): \(path): \(reason)"
        }
    }

    private static func hint(_ name: String, _ names: Set<String>) -> String? {
        NearestWord.nearest(to: name, among: Array(names)).map { "Did you mean \($0)?" }
    }
}
