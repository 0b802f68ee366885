internal import HTTP1
package import HTTPTypes

/// A response that is encoded once and sent often. It lacks only the lines that differ per request (`X-Request-Id`,
/// `Date`, `Connection`), which are inserted between the status line and the rest.
package final class PreparedResponse: Sendable {
    /// For the access log.
    package let status: HTTPResponse.Status
    /// The status line, such as `HTTP/1.1 200 OK`, with its line end.
    let statusLine: [UInt8]
    /// The fields, the empty line and the body in one array, so that sending appends once.
    let rest: [UInt8]
    /// Where in `rest` the body starts.
    let bodyStart: Int

    /// Its length in bytes, without the lines that differ per request.
    package var byteCount: Int { statusLine.count + rest.count }

    /// Encodes the response. This costs time linear in its size: do it once per change, not once per request.
    package init(_ response: Response) {
        status = response.status
        var head: [UInt8] = []
        ResponseEncoder.encodeHead(
            status: response.status, fields: response.fields, framing: .length(response.bodyLength),
            keepAlive: true, version: .http11, date: [], into: &head)
        let lineEnd = head.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? head.count
        statusLine = Array(head[..<lineEnd])
        bodyStart = head.count - lineEnd
        guard response.status.hasContent, case .bytes(let bytes) = response.body else {
            rest = Array(head[lineEnd...])
            return
        }
        rest = head[lineEnd...] + bytes
    }
}
