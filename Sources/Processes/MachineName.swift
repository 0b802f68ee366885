internal import Glibc

/// Reads the machine's name.
package enum MachineName {
    /// The name by gethostname(2), without blocking; empty when the call fails.
    package static func read() -> String {
        var name = [CChar](repeating: 0, count: Int(HOST_NAME_MAX) + 1)
        guard unsafe gethostname(&name, name.count) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
