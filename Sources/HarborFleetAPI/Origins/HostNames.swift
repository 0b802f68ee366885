/// The names by which requests may address this server when reads need no token.
///
/// A page of any site can have its own name resolve to this server's address (DNS rebinding). The browser then
/// treats requests to this server as requests to that site, and lets the page see the responses. The name in
/// `Host` reveals this: it is not one of ours.
struct HostNames: Sendable {
    /// Names that no name service can redirect, beside the names under `.localhost` (RFC 6761 section 6.3).
    private static let loopback: Set<String> = [
        "localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback",
    ]

    private let names: Set<String>

    /// - Parameters:
    ///   - machineName: the name from gethostname(2). Its first label counts too, also under `.local` (RFC
    ///     6762).
    ///   - others: further names of the server.
    init(machineName: String, others: some Sequence<String>) {
        let machine = machineName.lowercased()
        let label = String(machine.prefix { $0 != "." })
        names = Self.loopback.union(others)
            .union(label.isEmpty ? [] : [machine, label, label + ".local"])
    }

    /// Whether a request for this host is meant for this server. A dot at the end of a name does not change the
    /// name.
    func contain(_ authority: Authority) -> Bool {
        guard !authority.isAddress else { return true }
        let name = authority.host.hasSuffix(".") ? String(authority.host.dropLast()) : authority.host
        return names.contains(name) || name.hasSuffix(".localhost")
    }
}
