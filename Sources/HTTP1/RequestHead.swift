package import HTTPTypes

/// The valid head of one request: its request line and its fields.
///
/// It stores its bytes once. The parts are ranges of them, and a `String` is made only on access. It is an object, so
/// that a `HeadCache` can return the same one again, with its attachment.
///
/// `@unchecked Sendable`: all properties but `attachment` are constant. `attachment` is touched only on the loop whose
/// connections read the head.
package final class RequestHead: @unchecked Sendable {
    /// The method, which may be any token.
    package let method: HTTPRequest.Method
    /// Whether the method is HEAD, so that the response must have no body.
    package let isHead: Bool
    /// Whether the method is safe, that is, asks for no change (RFC 9110 section 9.2.1). Unknown methods are not.
    package let isSafe: Bool
    /// The version of the request.
    package let version: HTTPVersion
    /// How the end of the body is found.
    package let bodyFraming: BodyFraming
    /// Whether the client lets the connection stay open after the response.
    package let keepAlive: Bool
    /// Whether the client waits for `100 Continue` before it sends the body.
    package let expectsContinue: Bool
    /// Whether this is a GET of HTTP/1.1 with `Connection: upgrade` and `Upgrade: websocket`.
    package let upgradesToWebSocket: Bool

    /// A value that the endpoint keeps for the next request with the same head, such as its route.
    package var attachment: (any AnyObject & Sendable)? {
        get { attached }
        set { attached = newValue }
    }

    /// It has no run-time check for exclusive access: it is only read or replaced as a whole. It is private with an
    /// accessor, because only code of this target can skip the check.
    @safe @exclusivity(unchecked) private var attached: (any AnyObject & Sendable)?

    /// All bytes of the head, as sent.
    package let bytes: [UInt8]
    let lineTarget: RequestTarget
    let authorityRange: ByteRange?
    let fieldRanges: [FieldRange]

    init(
        method: HTTPRequest.Method, version: HTTPVersion, bodyFraming: BodyFraming, keepAlive: Bool,
        expectsContinue: Bool, upgradesToWebSocket: Bool, bytes: [UInt8], lineTarget: RequestTarget,
        authority: ByteRange?, fieldRanges: [FieldRange]
    ) {
        self.method = method
        isHead = method == .head
        isSafe =
            switch method {
            case .get, .head, .options, .trace: true
            default: false
            }
        self.version = version
        self.bodyFraming = bodyFraming
        self.keepAlive = keepAlive
        self.expectsContinue = expectsContinue
        self.upgradesToWebSocket = upgradesToWebSocket
        self.bytes = bytes
        self.lineTarget = lineTarget
        self.authorityRange = authority
        self.fieldRanges = fieldRanges
    }

    /// Stands in for the head of bytes that are no request. It says HTTP/1.1, and that the connection closes.
    package static func unreadable(isHead: Bool) -> RequestHead {
        RequestHead(
            method: isHead ? .head : .get, version: .http11, bodyFraming: .none, keepAlive: false,
            expectsContinue: false, upgradesToWebSocket: false, bytes: [],
            lineTarget: .none, authority: nil, fieldRanges: [])
    }

    /// The path of the target, percent-encoded as sent, without the query; `*` for the asterisk form and
    /// empty for CONNECT.
    package var path: String { String(decoding: pathBytes, as: UTF8.self) }

    /// The bytes of `path`, in the head's own memory. Allocates nothing.
    package var pathBytes: ArraySlice<UInt8> {
        guard lineTarget.path.isEmpty else { return bytes[lineTarget.path.start..<lineTarget.path.end] }
        return method == .connect ? [] : Self.root
    }

    private static let root: ArraySlice<UInt8> = [ASCII.slash]

    /// The text after the first `?` of the target, as sent; nil if there is none.
    package var query: String? { lineTarget.query.map(string) }

    /// The host and port that the request is for: from an absolute target, else from `Host` (RFC 9112 section 3.3).
    package var authority: String? { authorityRange.map(string) }

    private func string(_ range: ByteRange) -> String { FieldLookup.string(bytes, range) }
}

extension RequestHead {
    /// The field's value; repeated lines are joined by `, ` (cookies by `; `). Nil if the field is absent.
    package subscript(name: HTTPField.Name) -> String? {
        FieldLookup.combined(bytes, fieldRanges, name)
    }

    /// The values of each line with this name, in order.
    package func values(for name: HTTPField.Name) -> [String] {
        FieldLookup.values(bytes, fieldRanges, name)
    }

    /// Whether there is a line with this name. Allocates nothing.
    package func contains(_ name: HTTPField.Name) -> Bool {
        FieldLookup.contains(bytes, fieldRanges, name)
    }
}
