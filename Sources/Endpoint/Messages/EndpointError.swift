package import HTTPTypes

/// The errors with which the endpoint itself responds to a request, instead of a handler.
///
/// Each error has its status and the header fields that the status requires. They go through the `ErrorResponder` like
/// the errors that handlers throw. A lost connection is not among them, because it gets no response.
package enum EndpointError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No route has this path (RFC 9110 section 15.5.5).
    case notFound
    /// The path has routes, but none for the method; `allowed` is the value of Allow (section 15.5.6).
    case methodNotAllowed(allowed: String)
    /// The method is CONNECT, or no route uses it and neither RFC 9110 nor RFC 5789 defines it (section 15.6.2).
    case methodNotImplemented
    /// The route needs a body, but the request has none and declares no length (section 15.5.12).
    case lengthRequired
    /// The route does not accept the body's media type (section 15.5.16).
    case unsupportedMediaType(accepted: [String])
    /// The path has invalid percent-encoding, a dot segment or a backslash (RFC 3986 sections 2.1 and 3.3).
    case malformedPath
    /// The request did not arrive in time (section 15.5.9).
    case requestTimedOut
    /// The handler did not reply in time.
    case handlerTimedOut
    /// Too many connections are open, in all or from one address.
    case tooManyConnections
    /// The resource is a WebSocket, and the request does not ask for a WebSocket of version 13 (RFC 6455 section 4.4).
    case upgradeRequired
    /// As `upgradeRequired`, but the request has `Sec-WebSocket-Key`: a proxy has removed the hop-by-hop fields
    /// `Connection` and `Upgrade` (RFC 9110 section 7.6.1), as nginx does unless it is configured to pass them.
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

    /// The fields that the status requires. The endpoint adds them to the `ErrorResponder`'s response where
    /// it lacks them.
    package var fields: HTTPFields {
        switch self {
        case .methodNotAllowed(let allowed): [.allow: allowed]
        case .unsupportedMediaType(let accepted): [.accept: accepted.joined(separator: ", ")]
        case .handlerTimedOut, .tooManyConnections: [.retryAfter: "1"]
        // The encoder adds "Connection: upgrade", because it knows the other values of that field.
        case .upgradeRequired, .upgradeLost: [.upgrade: "websocket", .secWebSocketVersion: "13"]
        // The next bytes may be another protocol's, or a body without a length. They must not be read as a request.
        case .methodNotImplemented, .lengthRequired: [.connection: "close"]
        case .notFound, .malformedPath, .requestTimedOut, .malformedHandshake: [:]
        }
    }

    /// One sentence for the client, without anything that it sent.
    package var description: String {
        switch self {
        case .notFound: "There is nothing at this path."
        case .methodNotAllowed(let allowed): "This path allows \(allowed)."
        case .methodNotImplemented: "The server does not implement this method."
        case .lengthRequired: "The request needs a Content-Length or the chunked transfer coding."
        case .unsupportedMediaType(let accepted): "The body must be \(accepted.joined(separator: " or "))."
        case .malformedPath:
            "The path has invalid percent-encoding, a segment \".\" or \"..\", or a backslash."
        case .requestTimedOut: "The request did not arrive in time."
        case .handlerTimedOut: "The response was not ready in time. Retry shortly."
        case .tooManyConnections:
            "Too many connections are open, in all or from this address. Retry shortly."
        case .upgradeRequired, .upgradeLost:
            "This resource is a WebSocket. Request an upgrade with version 13."
        case .malformedHandshake(let detail): detail
        }
    }
}
