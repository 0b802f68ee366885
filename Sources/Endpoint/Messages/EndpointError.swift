package import HTTPTypes

/// Why the endpoint itself responds to a request, instead of a handler.
///
/// Each error has its status and the header fields that the status asks for. They go through the `ErrorResponder` like
/// the errors that handlers throw. A lost connection is none of them.
package enum EndpointError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No route has this path (RFC 9110 section 15.5.5).
    case notFound
    /// The path has routes, but none for the method; `allowed` is the value of Allow (section 15.5.6).
    case methodNotAllowed(allowed: String)
    /// No path has the method, which is none of RFC 9110 or RFC 5789 either; or CONNECT (section 15.6.2).
    case methodNotImplemented
    /// The request has no body where one is needed, and says nothing of its length (section 15.5.12).
    case lengthRequired
    /// The body's media type is none that the route takes (section 15.5.16).
    case unsupportedMediaType(accepted: [String])
    /// The path's percent-encoding is broken, or it has a dot segment or a backslash (RFC 3986 sections 2.1 and 3.3).
    case malformedPath
    /// The request did not arrive in time (section 15.5.9).
    case requestTimedOut
    /// The handler did not reply in time.
    case handlerTimedOut
    /// Too many connections, in all or from one address.
    case tooManyConnections
    /// The resource is a WebSocket, and the request does not ask for a version 13 one (RFC 6455 section 4.4).
    case upgradeRequired
    /// As `upgradeRequired`, of a request with a WebSocket's key: something on its way took the hop-by-hop fields `Connection`
    /// and `Upgrade` (RFC 9110 section 7.6.1), as nginx does unless it is told to pass them.
    case upgradeLost
    /// The request asks for a WebSocket in a way that RFC 6455 section 4.2.1 does not allow.
    case malformedHandshake(String)

    /// The status to respond with.
    package var status: HTTPResponse.Status {
        switch self {
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .methodNotImplemented: .notImplemented
        case .lengthRequired: .lengthRequired
        case .unsupportedMediaType: .unsupportedMediaType
        case .malformedPath, .malformedHandshake: .badRequest
        case .requestTimedOut: .requestTimeout
        case .handlerTimedOut, .tooManyConnections: .serviceUnavailable
        case .upgradeRequired, .upgradeLost: .init(code: 426, reasonPhrase: "Upgrade Required")
        }
    }

    /// The fields that the status requires; the endpoint puts them into whatever the `ErrorResponder` makes.
    package var fields: HTTPFields {
        switch self {
        case .methodNotAllowed(let allowed): [.allow: allowed]
        case .unsupportedMediaType(let accepted): [.accept: accepted.joined(separator: ", ")]
        case .handlerTimedOut, .tooManyConnections: [.retryAfter: "1"]
        // "Connection: upgrade" is the encoder's, which knows what else Connection says.
        case .upgradeRequired, .upgradeLost: [.upgrade: "websocket", .secWebSocketVersion: "13"]
        // What follows may be another protocol's bytes, or a body that was not announced: no requests in any case.
        case .methodNotImplemented, .lengthRequired: [.connection: "close"]
        case .notFound, .malformedPath, .requestTimedOut, .malformedHandshake: [:]
        }
    }

    /// One sentence for the client, without anything that it sent.
    package var description: String {
        switch self {
        case .notFound: "There is nothing at this path."
        case .methodNotAllowed(let allowed): "This path takes \(allowed)."
        case .methodNotImplemented: "This method is not known here."
        case .lengthRequired: "The body needs a Content-Length, or the chunked coding."
        case .unsupportedMediaType(let accepted): "The body has to be \(accepted.joined(separator: " or "))."
        case .malformedPath:
            "The path is not encoded correctly, or has a segment \".\" or \"..\", or a backslash."
        case .requestTimedOut: "The request did not arrive in time."
        case .handlerTimedOut: "The answer was not ready in time."
        case .tooManyConnections: "The server has too many connections."
        case .upgradeRequired, .upgradeLost:
            "This resource is a WebSocket: ask for an upgrade with version 13."
        case .malformedHandshake(let detail): detail
        }
    }
}
