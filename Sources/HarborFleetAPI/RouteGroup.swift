package import Endpoint

/// Routes that belong together.
package protocol RouteGroup: Sendable {
    /// What each metric of theirs means, by its name; none unless said.
    var metrics: [String: String] { get }

    func addRoutes(to router: inout Router)
}

extension RouteGroup {
    package var metrics: [String: String] { [:] }
}

extension Router {
    /// All routes of some groups.
    package init(_ groups: [any RouteGroup]) {
        self.init()
        for group in groups { group.addRoutes(to: &self) }
    }
}
