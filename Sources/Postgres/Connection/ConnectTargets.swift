/// One place to connect to: an entry of libpq's lists `host`, `hostaddr` and `port`.
struct ConnectTarget: Sendable, Equatable {
    /// A name, or the directory of a socket; empty for libpq's default directory.
    var host: String
    /// Numeric; empty for a socket.
    var address: String
    /// Empty for the default.
    var port: String
}

/// Where a connection string leads to, with every name looked up.
///
/// libpq looks names up in PQconnectStart and PQconnectPoll, and blocks in it; beside `hostaddr` a `host` is only what
/// a certificate and the password file are checked for.
enum ConnectTargets {
    enum Answer: Sendable, Equatable {
        /// libpq takes the string as it is: it has one place that needs no look-up, or is wrong in a way that libpq
        /// tells.
        case asGiven
        /// In the order in which they are tried.
        case found([ConnectTarget])
        /// No name has an address.
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
                // As in libpq: a host that is not found leaves the others.
                failures.append("\(target.host): \(error)")
            }
        }
        return found.isEmpty ? .notFound(failures.joined(separator: "; ")) : .found(found)
    }

    /// The entries as they were given; nil when none was, or the lists do not go together.
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
