package import HarborFleet

/// The destination of a fleet's fixes: an `http://` server and the path on it.
package struct PostTarget: Equatable, Sendable {
    /// A name or a numeric address, without brackets.
    let host: String
    let port: UInt16
    /// Host and port in the form of the `Host` field.
    let authority: String
    let path: String
    let fleet: FleetID

    /// - Parameters:
    ///   - url: `http://HOST[:PORT][/PATH]`, the server's address; PATH is placed before `/api/v1/`.
    ///   - fleet: the fleet that the fixes are for.
    /// - Throws: `SimulatorError.unusableURL` for any other form, including `https://`.
    package init(url: String, fleet: FleetID) throws(SimulatorError) {
        guard !url.lowercased().hasPrefix("https://") else {
            throw .unusableURL("https is not supported; give the http:// address behind the proxy")
        }
        guard url.lowercased().hasPrefix("http://") else {
            throw .unusableURL("it does not begin with http://")
        }
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !url.contains(where: { "?#@".contains($0) })
        else {
            throw .unusableURL("it has a user, a query, a fragment, or a character that must be escaped")
        }
        let rest = url.dropFirst("http://".count)
        let authority = rest.prefix { $0 != "/" }
        (host, port) = try Self.hostAndPort(authority)
        self.authority = String(authority)
        var prefix = rest.dropFirst(authority.count)
        while prefix.last == "/" { prefix.removeLast() }
        self.fleet = fleet
        path = prefix + "/api/v1/fleets/\(fleet.rawValue)/fixes"
    }

    private static func hostAndPort(_ authority: Substring) throws(SimulatorError) -> (String, UInt16) {
        let isBracketed = authority.first == "["
        let host = isBracketed ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
        let rest = authority.dropFirst(host.count + (isBracketed ? 2 : 0))
        guard !host.isEmpty else { throw .unusableURL("it names no host") }
        guard !rest.isEmpty else { return (String(host), 80) }
        guard rest.first == ":", let port = UInt16(rest.dropFirst()), port > 0 else {
            throw .unusableURL("its port is not a number from 1 to 65535")
        }
        return (String(host), port)
    }
}
