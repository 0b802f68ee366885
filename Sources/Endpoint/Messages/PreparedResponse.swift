internal import HTTP1
package import HTTPTypes

/// A response encoded once and sent often: everything but the lines that differ per request (`X-Request-Id`,
/// `Date`, `Connection`), which go between the status line and the rest.
package final class PreparedResponse: Sendable {
    /// For the access log.
    package let status: HTTPResponse.Status
    /// `HTTP/1.1 200 OK` and the line's end.
    let statusLine: [UInt8]
    /// The fields, the empty line and the body, so that sending appends once.
    let rest: [UInt8]
    /// Where in `rest` the body starts.
    let bodyStart: Int

    /// Its length, but for the lines that differ per request.
    package var byteCount: Int { statusLine.count + rest.count }

    /// Encodes the response. Linear in its size; do it once per change, not per request.
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
