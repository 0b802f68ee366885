package import Endpoint

/// A group of routes that belong together.
package protocol RouteGroup: Sendable {
    /// The meaning of each metric of the group, by the metric's name. Empty by default.
    var metrics: [String: String] { get }

    func addRoutes(to router: inout Router)
}

extension RouteGroup {
    package var metrics: [String: String] { [:] }
}

extension Router {
    /// Makes a router with the routes of several groups.
    package init(_ groups: [any RouteGroup]) {
        self.init()
        for group in groups { group.addRoutes(to: &self) }
    }
}
