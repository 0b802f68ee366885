internal import Endpoint
internal import HTTP1
internal import HTTPTypes

/// All that a request shows of its sender, in the order in which it is tried: one token, or its session cookies.
///
/// A browser may hold a dead cookie of our name beside the live one, and another server on the same host may set one.
struct ShownCredentials: Sendable, RandomAccessCollection {
    var startIndex: Int { 0 }
    var endIndex: Int { 1 + others.count }
    private let first: Credential
    /// Empty for nearly everybody, and then nothing is allocated for it.
    private let others: [Credential]

    /// - Returns: nil when there is no credential, or none that could be one of ours.
    init?(_ request: Request, fromQuery: Bool = false) {
        guard let first = Credential(request, fromQuery: fromQuery) else { return nil }
        self.first = first
        guard case .session = first, let cookies = request.head[.cookie],
            cookies.utf8.contains(UInt8(ascii: ";"))
        else {
            others = []
            return
        }
        others = Credential.sessions(inCookies: cookies).dropFirst().map { .session($0) }
    }

    /// - Parameter position: below `endIndex`.
    subscript(position: Int) -> Credential { position == 0 ? first : others[position - 1] }
}
