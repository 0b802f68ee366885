/// Caches the first lines of one loop's prepared responses: status line, `Date` and `X-Request-Id`. Only the id differs
/// from one response to the next, so the rest is joined once a second.
struct PreparedStart {
    private static let idName = "x-request-id: "
    private static let end = "\r\n"

    /// One entry for each status code. There are few of them, so a linear search is enough.
    private var starts: [(code: Int, bytes: [UInt8])] = []
    private var second: UInt64 = 0

    /// Appends the start of one response.
    /// - Parameters:
    ///   - dateLine: the `Date` line with its line end.
    ///   - second: a number that increases with each new `dateLine`.
    mutating func append(
        _ prepared: PreparedResponse, dateLine: [UInt8], second: UInt64, _ id: RequestID,
        to bytes: inout [UInt8]
    ) {
        if second != self.second {
            starts.removeAll(keepingCapacity: true)
            self.second = second
        }
        let start = start(of: prepared, dateLine)
        switch id {
        case .made(let id):
            bytes.append(contentsOf: start)
            id.write(to: &bytes, at: bytes.count - Self.end.utf8.count - RandomRequestID.byteCount)
        case .given(let text):
            bytes.append(contentsOf: start.dropLast(RandomRequestID.byteCount + Self.end.utf8.count))
            bytes.append(contentsOf: text.utf8)
            bytes.append(contentsOf: Self.end.utf8)
        }
    }

    /// The lines with room for a generated id.
    private mutating func start(of prepared: PreparedResponse, _ dateLine: [UInt8]) -> [UInt8] {
        let code = prepared.status.code
        for start in starts where start.code == code { return start.bytes }
        var bytes = prepared.statusLine + dateLine + Self.idName.utf8
        bytes.append(contentsOf: repeatElement(0, count: RandomRequestID.byteCount))
        bytes.append(contentsOf: Self.end.utf8)
        starts.append((code, bytes))
        return bytes
    }
}
