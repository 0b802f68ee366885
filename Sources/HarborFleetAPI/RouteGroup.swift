package import Endpoint

/// Routes that belong together.
package protocol RouteGroup: Sendable {
    func addRoutes(to router: inout Router)
}

extension Router {
    /// All routes of some groups.
    package init(_ groups: [any RouteGroup]) {
        self.init()
        for group in groups { group.addRoutes(to: &self) }
    }
}
