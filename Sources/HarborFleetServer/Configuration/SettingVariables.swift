internal import FoundationEssentials
internal import Glibc

/// The variables of a process that may be settings. Empty variables count as unset (a compose file's `${NAME:-}`
/// leaves such), and variables that Kubernetes injects for a Service whose name begins with `harbor` are left
/// out.
struct SettingVariables: Sendable {
    let values: [String: String]
    /// The variables that were left out, by name.
    let ignored: [IgnoredVariable]

    init(_ environment: [String: String]) {
        var values = environment.filter { !$0.value.isEmpty }
        let injected = values.filter {
            $0.key.hasPrefix(SettingName.prefix) && ServiceVariable.matches($0.key, $0.value)
        }
        for name in injected.keys { values[name] = nil }
        self.values = values
        ignored = injected.keys.sorted().map { IgnoredVariable(name: $0) }
    }
}

/// A variable that Kubernetes injected for a Service, and that is ignored.
package struct IgnoredVariable: Sendable, Equatable {
    package let name: String

    /// Whether a setting has this name: then the operator may have set it, and its value is lost.
    package var hidesSetting: Bool { SettingName.variables.contains(name) }

    /// A line for the log. It leaves out the value: that is no secret, but it would not help either.
    package var message: String {
        guard hidesSetting else { return "\(name) is ignored: Kubernetes made it for a Service" }
        return """
            \(name) is ignored: its value has the form that Kubernetes uses for a Service \
            '\(ServiceVariable.service(of: name))'. \
            Rename the Service, or set enableServiceLinks: false in the pod
            """
    }
}

/// The variables that libpq reads by itself.
package enum LibpqVariables {
    /// Unsets the empty ones: libpq would take an empty PGSSLMODE, PGCONNECT_TIMEOUT or PGTZ for a value, and a
    /// wrong one. Call this before any other thread reads the environment: the C library has no lock for it.
    package static func unsetEmpty() {
        for (name, value) in ProcessInfo.processInfo.environment
        where name.hasPrefix("PG") && value.isEmpty {
            unsafe unsetenv(name)
        }
    }
}
