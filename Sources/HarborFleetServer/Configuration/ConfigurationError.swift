/// Why a configuration cannot be used. Its text names the setting and where it was found, never a secret's value.
package enum ConfigurationError: Error, Equatable {
    /// A `HARBOR_…` variable that is no setting: most often a typing error, so it is never ignored.
    case unknownVariable(String)
    /// A key of the configuration file that is no setting.
    case unknownKey(String, file: String)
    /// A value that does not have its setting's form, or is out of its range.
    case malformed(setting: String, expected: String)
    /// The same secret is given both as a value and as a file.
    case givenTwice(String, String)
    /// A named file cannot be used.
    case unusableFile(setting: String, path: String, reason: String)
}

extension ConfigurationError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownVariable(let name):
            """
            \(name) is not a setting of harbor-fleet. \
            \(Self.hint(name, SettingName.variables) ?? "Unset it, or correct its name")
            """
        case .unknownKey(let key, let file):
            """
            \(file): '\(key)' is not a setting of harbor-fleet. \
            \(Self.hint(key, SettingName.keys) ?? "Remove it, or correct its name")
            """
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
