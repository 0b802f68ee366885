/// What the route of a head says about its request, before there is a body.
enum RouteDecision {
    /// The route's handler replies.
    case route(Route)
    /// The response is Allow alone.
    case options(MethodTable)
    /// The response is the error. The route is the one that would have handled it, or another one at its path.
    case refused(EndpointError, Route?)

    var route: Route? {
        switch self {
        case .route(let route): route
        case .options(let table): table.routes.first
        case .refused(_, let route): route
        }
    }
}
