/// The status line and the fields of a response.
struct AnswerHead: Equatable {
    /// Where the body ends (RFC 9112, section 6.3).
    enum Framing: Equatable {
        case none
        case length(Int)
        case chunked
        case untilClose
    }

    let status: Int
    let fields: [String: String]
    let framing: Framing
    let keepsConnection: Bool

    /// - Parameter lines: all of the head, lines ended by CRLF.
    init(lines text: String) throws(AnswerError) {
        let lines = text.split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard words.count >= 2, words[0] == "HTTP/1.1" || words[0] == "HTTP/1.0", words[1].utf8.count == 3,
            let status = Int(words[1]), (100...599).contains(status)
        else { throw AnswerError(detail: "the answer is not HTTP/1.1") }
        let fields = try Self.fields(lines.dropFirst())
        self.status = status
        self.fields = fields
        framing = try Self.framing(status, fields)
        let connection = fields["connection"]?.lowercased() ?? ""
        keepsConnection = words[0] == "HTTP/1.1" && !connection.contains("close")
    }

    private static func fields(_ lines: ArraySlice<Substring>) throws(AnswerError) -> [String: String] {
        var fields: [String: String] = [:]
        for line in lines {
            guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else {
                throw AnswerError(detail: "a line of the answer's head is no field")
            }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            let end = value.lastIndex { $0 != " " && $0 != "\t" }.map(value.index(after:)) ?? value.startIndex
            fields[line[..<colon].lowercased()] = String(value[..<end])
        }
        return fields
    }

    private static func framing(_ status: Int, _ fields: [String: String]) throws(AnswerError) -> Framing {
        if status < 200 || status == 204 || status == 304 { return .none }
        if let coding = fields["transfer-encoding"] {
            guard coding.lowercased() == "chunked" else {
                throw AnswerError(detail: "an unknown transfer coding")
            }
            return .chunked
        }
        guard let text = fields["content-length"] else { return .untilClose }
        guard let length = Int(text), length >= 0 else {
            throw AnswerError(detail: "a broken content-length")
        }
        return .length(length)
    }
}
