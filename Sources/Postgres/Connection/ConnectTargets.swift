/// One target to connect to: an entry of libpq's lists `host`, `hostaddr` and `port`.
struct ConnectTarget: Sendable, Equatable {
    /// A host name, or the directory of a socket; empty for libpq's default directory.
    var host: String
    /// A numeric address; empty for a socket.
    var address: String
    /// Empty for the default port.
    var port: String
}

/// Finds the targets of a connection string, with every host name resolved.
///
/// libpq resolves names in PQconnectStart and PQconnectPoll, and blocks while it does. When `hostaddr` is given
/// too, it uses `host` only to check certificates and to search the password file.
enum ConnectTargets {
    enum Answer: Sendable, Equatable {
        /// libpq gets the string unchanged: it has one target that needs no look-up, or an error that libpq
        /// reports.
        case asGiven
        /// The targets, in the order in which they are tried.
        case found([ConnectTarget])
        /// No host name has an address.
        case notFound(String)
    }

    static func answer(for options: ConnectOptions, _ lookup: HostLookup) -> Answer {
        guard let given = given(options), given.count > 1 || given.contains(where: needsLookup) else {
            return .asGiven
        }
        var found: [ConnectTarget] = []
        var failures: [String] = []
        for target in given {
            guard needsLookup(target) else {
                found.append(target)
                continue
            }
            do throws(HostLookup.Failure) {
                for address in try lookup.addresses(target.host) {
                    found.append(ConnectTarget(host: target.host, address: address, port: target.port))
                }
            } catch {
                // As in libpq, a host that is not found does not exclude the others.
                failures.append("\(target.host): \(error)")
            }
        }
        return found.isEmpty ? .notFound(failures.joined(separator: "; ")) : .found(found)
    }

    /// The entries as given; nil when there are none, or when the lists have different lengths.
    private static func given(_ options: ConnectOptions) -> [ConnectTarget]? {
        let hosts = entries(options.host)
        let addresses = entries(options.hostAddress)
        let ports = entries(options.port)
        let count = max(hosts.count, addresses.count)
        guard count > 0, hosts.isEmpty || addresses.isEmpty || hosts.count == addresses.count,
            ports.count <= 1 || ports.count == count
        else { return nil }
        return (0..<count).map { index in
            ConnectTarget(
                host: hosts.isEmpty ? "" : hosts[index], address: addresses.isEmpty ? "" : addresses[index],
                port: ports.count == 1 ? ports[0] : ports.isEmpty ? "" : ports[index])
        }
    }

    private static func entries(_ list: String) -> [String] {
        list.isEmpty ? [] : list.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    /// A socket's directory begins with a slash, an abstract socket with an at sign.
    private static func needsLookup(_ target: ConnectTarget) -> Bool {
        target.address.isEmpty && !target.host.isEmpty && !"/@".contains(target.host.prefix(1))
    }
}
