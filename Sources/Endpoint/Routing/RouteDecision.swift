/// How to reply to a request, as far as its head alone decides it.
enum RouteDecision {
    /// The route's handler replies.
    case route(Route)
    /// The response to OPTIONS: 204 with the field Allow.
    case options(MethodTable)
    /// The response is the error. The route is the one that would have handled the request, or another one at its path.
    case refused(EndpointError, Route?)

    var route: Route? {
        switch self {
        case .route(let route): route
        case .options(let table): table.routes.first
        case .refused(_, let route): route
        }
    }
}
