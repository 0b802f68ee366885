internal import EventLoops
internal import HTTPTypes

/// The conditions that a route sets for its requests. They are checked before the handler runs.
package struct RouteOptions: Sendable {
    /// The longest body in bytes; nil means the endpoint's limit. A longer body gets 413.
    package var bodyLimit: Int?
    /// The media types that a body may have, in lower case without parameters; empty means any. Other types get 415.
    package var contentTypes: [String]
    /// Delays every 401 of the route to the next multiple of this on the monotonic clock, so that its timing reveals
    /// nothing about the credentials that were compared; nil sends it at once.
    package var unauthorizedTick: Duration?
    /// Called once when the head of a request with a body has arrived, before the body is awaited. The `Request` has an
    /// empty body. If it throws, the error becomes the response at once, without `100 Continue`, and the body is thrown
    /// away. It runs on the connection's loop and must not block. It is called for POST, PUT and PATCH only.
    package var admits: (@Sendable (Request) throws -> Void)?

    package init(
        bodyLimit: Int? = nil, contentTypes: [String] = [], unauthorizedTick: Duration? = nil,
        admits: (@Sendable (Request) throws -> Void)? = nil
    ) {
        self.bodyLimit = bodyLimit
        self.contentTypes = contentTypes
        self.unauthorizedTick = unauthorizedTick
        self.admits = admits
    }
}

/// The handler of one method at one pattern, with its options.
final class Route: Sendable {
    static let unmatchedLabel = "unmatched"

    /// The number of routes that the router got before it.
    let index: Int
    let method: HTTPRequest.Method
    /// The pattern as OpenAPI writes it: `/api/v1/fleets/{fleet_id}/status`.
    let label: String
    let captures: [PathParameters.Capture]
    let options: RouteOptions
    let handler: Handler
    /// The name under which a long turn of the loop is reported, see `EventLoop.begins`.
    let work: TurnWork

    init(
        _ index: Int, method: HTTPRequest.Method, pattern: RoutePattern, options: RouteOptions,
        handler: @escaping Handler
    ) {
        self.index = index
        self.method = method
        label = pattern.label
        work = TurnWork(label)
        captures = pattern.captures
        self.options = options
        self.handler = handler
    }

    /// Whether the method expects a body. For these methods, a request without a length is an error (411). With other
    /// methods a body has no meaning (RFC 9110 section 9.3.1) and is thrown away.
    var takesBody: Bool { method == .post || method == .put || method == .patch }

    /// Whether the route accepts a body of this media type, given as the value of Content-Type.
    func accepts(contentType: String?) -> Bool {
        guard !options.contentTypes.isEmpty else { return true }
        guard let contentType else { return false }
        // Fast path: nearly all clients send the type in lower case without parameters.
        if options.contentTypes.contains(contentType) { return true }
        guard let media = contentType.split(separator: ";", maxSplits: 1).first else { return false }
        let essence = media.lowercased()
        return options.contentTypes.contains { essence.trimmed == $0 }
    }
}

extension String {
    /// The text without leading and trailing spaces and tabs.
    fileprivate var trimmed: Substring {
        var rest = self[...]
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return rest.drop { $0 == " " || $0 == "\t" }
    }
}

/// A parsed pattern: `/fleets/:fleet_id/status`, `/assets/*path`.
struct RoutePattern {
    enum Segment: Equatable {
        case literal(String)
        case parameter(String)
        /// A catch-all for one or more segments. It may only be the last segment.
        case rest(String)
    }

    let segments: [Segment]

    init(_ pattern: String) {
        segments = pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { part in
            switch part.first {
            case ":": .parameter(String(part.dropFirst()))
            case "*": .rest(String(part.dropFirst()))
            default: .literal(String(part))
            }
        }
    }

    var label: String {
        "/"
            + segments.map { segment in
                switch segment {
                case .literal(let text): text
                case .parameter(let name), .rest(let name): "{\(name)}"
                }
            }.joined(separator: "/")
    }

    var captures: [PathParameters.Capture] {
        segments.enumerated().compactMap { index, segment in
            switch segment {
            case .literal: nil
            case .parameter(let name): .init(name: name, segment: index, takesRest: false)
            case .rest(let name): .init(name: name, segment: index, takesRest: true)
            }
        }
    }
}
