/// The names by which this server may be called where reads need no token.
///
/// A page of any site can have its own name lead to this server's address (DNS rebinding); then the browser takes its
/// requests for requests to that site and shows it the answers. The name in `Host` gives it away: it is none of ours.
struct HostNames: Sendable {
    /// What no name service leads elsewhere, beside the names under `.localhost` (RFC 6761 section 6.3).
    private static let loopback: Set<String> = [
        "localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback",
    ]

    private let names: Set<String>

    /// - Parameters:
    ///   - machineName: as gethostname(2) says it; its first label counts too, also under `.local` (RFC 6762).
    ///   - others: what else the server is called.
    init(machineName: String, others: some Sequence<String>) {
        let machine = machineName.lowercased()
        let label = String(machine.prefix { $0 != "." })
        names = Self.loopback.union(others)
            .union(label.isEmpty ? [] : [machine, label, label + ".local"])
    }

    /// Whether a request for this host is meant for us. A dot at the end of a name means the same name.
    func contain(_ authority: Authority) -> Bool {
        guard !authority.isAddress else { return true }
        let name = authority.host.hasSuffix(".") ? String(authority.host.dropLast()) : authority.host
        return names.contains(name) || name.hasSuffix(".localhost")
    }
}
