internal import FoundationEssentials
internal import Glibc

/// The variables of a process that may be settings: without the empty ones, which count as unset (a compose file's
/// `${NAME:-}` leaves such), and without those that Kubernetes injects for a Service whose name begins with `harbor`.
struct SettingVariables: Sendable {
    let values: [String: String]
    /// By name.
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

/// A variable that was injected for a Service of Kubernetes and is passed over.
package struct IgnoredVariable: Sendable, Equatable {
    package let name: String

    /// Whether a setting has this name: somebody may have set it and misses it now.
    package var hidesSetting: Bool { SettingName.variables.contains(name) }

    /// For the log. The value is the cluster's and no secret, but tells nothing more.
    package var message: String {
        guard hidesSetting else { return "\(name) is ignored: Kubernetes made it for a Service" }
        return """
            \(name) is ignored: its value is what Kubernetes makes for a Service '\(ServiceVariable.service(of: name))'. \
            Rename the Service, or set enableServiceLinks: false in the pod
            """
    }
}

/// The variables that libpq reads by itself.
package enum LibpqVariables {
    /// Unsets those that are empty: libpq takes an empty PGSSLMODE, PGCONNECT_TIMEOUT or PGTZ for a value, a wrong one.
    /// Called before any other thread reads them: the C library has no lock for that.
    package static func unsetEmpty() {
        for (name, value) in ProcessInfo.processInfo.environment
        where name.hasPrefix("PG") && value.isEmpty {
            unsafe unsetenv(name)
        }
    }
}
