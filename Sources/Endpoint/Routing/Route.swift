internal import EventLoops
internal import HTTPTypes

/// What a route may ask of its requests, before the handler sees them.
package struct RouteOptions: Sendable {
    /// The longest body in bytes; nil means the endpoint's limit. More leads to 413.
    package var bodyLimit: Int?
    /// The media types that a body may have, in lower case without parameters; empty means any. Else 415.
    package var contentTypes: [String]
    /// Holds every 401 of the route until the monotonic clock is next at a multiple of this, so that its time tells
    /// nothing of what was compared on the way; nil sends it at once.
    package var unauthorizedTick: Duration?
    /// Called once when the head of a request with a body has arrived, before any of its body is awaited; the
    /// `Request` has an empty body. What it throws becomes the response, at once and instead of `100 Continue` too, and
    /// nothing of the body is kept. It runs on the connection's loop: it must not block.
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

/// One method at one pattern.
final class Route: Sendable {
    static let unmatchedLabel = "unmatched"

    /// Its place among the router's routes, from 0.
    let index: Int
    let method: HTTPRequest.Method
    /// The pattern as OpenAPI writes it: `/api/v1/fleets/{fleet_id}/status`.
    let label: String
    let captures: [PathParameters.Capture]
    let options: RouteOptions
    let handler: Handler
    /// What a loop's turn is told of as, see `EventLoop.begins`.
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

    /// Whether the method is there for a body. Of such a one a request without a length is one whose client forgot it;
    /// with others a body means nothing (RFC 9110 section 9.3.1) and is thrown away unread.
    var takesBody: Bool { method == .post || method == .put || method == .patch }

    /// Whether the route takes a body of this media type, as Content-Type gives it.
    func accepts(contentType: String?) -> Bool {
        guard !options.contentTypes.isEmpty else { return true }
        guard let contentType else { return false }
        // Nearly all clients send it just so.
        if options.contentTypes.contains(contentType) { return true }
        guard let media = contentType.split(separator: ";", maxSplits: 1).first else { return false }
        let essence = media.lowercased()
        return options.contentTypes.contains { essence.trimmed == $0 }
    }
}

extension String {
    /// The text without spaces and tabs at both ends.
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
        /// Only as the last one; takes at least one segment.
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
