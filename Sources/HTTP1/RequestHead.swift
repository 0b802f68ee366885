package import HTTPTypes

/// The head of one request: its line and its fields, already checked.
///
/// Its bytes are held once; the parts are ranges of them, and a `String` is made only where one is asked for. An
/// object, so that a `HeadCache` hands out the same one again, with what is attached to it.
///
/// `@unchecked Sendable`: all but `attachment` is constant, and that is touched by the reader of heads alone, on its loop.
package final class RequestHead: @unchecked Sendable {
    /// The method; any token is one.
    package let method: HTTPRequest.Method
    /// Whether only the head of the response is wanted.
    package let isHead: Bool
    /// Whether the method asks for no change (RFC 9110 section 9.2.1); of unknown methods it is not assumed.
    package let isSafe: Bool
    /// The version of the request.
    package let version: HTTPVersion
    /// Where the body ends.
    package let bodyFraming: BodyFraming
    /// Whether the client lets the connection stay open after the response.
    package let keepAlive: Bool
    /// Whether the client waits for `100 Continue` before it sends the body.
    package let expectsContinue: Bool
    /// Whether this is a GET of HTTP/1.1 with `Connection: upgrade` and `Upgrade: websocket`.
    package let upgradesToWebSocket: Bool

    /// What the reader of heads has found out for this one, for the next request with the same head.
    package var attachment: (any AnyObject & Sendable)? {
        get { attached }
        set { attached = newValue }
    }

    /// Not checked for exclusive access while running: it is read and replaced whole. Only this target's code does without
    /// the check.
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

    /// Stands for bytes that are no request: of HTTP/1.1, and the connection closes.
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

    /// What follows the first `?` of the target, as sent; nil when there is none.
    package var query: String? { lineTarget.query.map(string) }

    /// Host and port the request is for: of an absolute target, else of `Host` (RFC 9112 section 3.3).
    package var authority: String? { authorityRange.map(string) }

    private func string(_ range: ByteRange) -> String { FieldLookup.string(bytes, range) }
}

extension RequestHead {
    /// The field's value, repeated lines joined by `, ` (cookies by `; `); nil when it is absent.
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
