/// Cuts an XML 1.0 text (fifth edition) into tags and character data, for files from strangers.
///
/// It knows the five predefined entities and character references only. A document type declaration is refused,
/// so there is nothing to expand and nothing to fetch. Any encoding that writes ASCII as ASCII will do.
struct XMLScanner {
    private static let depthLimit = 64

    private let bytes: [UInt8]
    private var position = 0
    private var openElements: [String] = []
    /// The end of an empty element, which is due after its start.
    private var pendingEnd: String?

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    /// - Returns: the next token, nil at the end.
    /// - Throws: `SimulatorError.unusableRecording` where the text is not well-formed.
    mutating func next() throws(SimulatorError) -> XMLToken? {
        if let name = pendingEnd {
            pendingEnd = nil
            return .end(name: name)
        }
        while position < bytes.count {
            guard bytes[position] == UInt8(ascii: "<") else { return .text(try text()) }
            if starts(with: "<!--") {
                _ = try skip("<!--", to: "-->")
            } else if starts(with: "<![CDATA[") {
                return .text(decoded(try skip("<![CDATA[", to: "]]>")))
            } else if starts(with: "<?") {
                _ = try skip("<?", to: "?>")
            } else {
                return try tag()
            }
        }
        guard openElements.isEmpty else { throw broken("it ends inside <\(openElements.last ?? "")>") }
        return nil
    }

    private mutating func text() throws(SimulatorError) -> String {
        let end = bytes[position...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
        defer { position = end }
        return try XMLReference.resolve(decoded(position..<end))
    }

    private mutating func tag() throws(SimulatorError) -> XMLToken {
        guard !starts(with: "<!") else { throw broken("a document type declaration is not accepted") }
        let content = try tagContent()
        if content.first == "/" { return try endTag(content.dropFirst()) }
        let isEmpty = content.last == "/"
        var attributes = XMLAttributes(isEmpty ? content.dropLast() : content)
        let name = attributes.takeName()
        guard !name.isEmpty else { throw broken("a tag without a name") }
        let token = XMLToken.start(name: Self.localName(name), attributes: try attributes.all())
        if isEmpty {
            pendingEnd = Self.localName(name)
        } else {
            openElements.append(String(name))
            guard openElements.count <= Self.depthLimit else { throw broken("its elements are too deep") }
        }
        return token
    }

    private mutating func endTag(_ content: Substring) throws(SimulatorError) -> XMLToken {
        let name = content.prefix { !$0.isWhitespace }
        guard let open = openElements.popLast(), open == name else {
            throw broken("</\(name)> closes nothing")
        }
        return .end(name: Self.localName(name))
    }

    /// What stands between `<` and the `>` that is in no quotes.
    private mutating func tagContent() throws(SimulatorError) -> Substring {
        var quote: UInt8?
        var end = position + 1
        while end < bytes.count {
            let byte = bytes[end]
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: ">") {
                defer { position = end + 1 }
                return Substring(decoded((position + 1)..<end))
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            }
            end += 1
        }
        throw broken("a tag has no end")
    }

    /// Moves behind `end`.
    /// - Returns: what stands between the two.
    private mutating func skip(_ start: String, to end: String) throws(SimulatorError) -> Range<Int> {
        let begin = position + start.utf8.count
        let last = Array(end.utf8)
        var candidate = begin
        while candidate <= bytes.count - last.count {
            if bytes[candidate] == last[0], bytes[candidate..<(candidate + last.count)].elementsEqual(last) {
                position = candidate + last.count
                return begin..<candidate
            }
            candidate += 1
        }
        throw broken("\(start) has no end")
    }

    private func starts(with prefix: String) -> Bool {
        bytes[position...].starts(with: prefix.utf8)
    }

    private func decoded(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    private static func localName(_ name: Substring) -> String {
        String(name.split(separator: ":").last ?? name)
    }

    private func broken(_ detail: String) -> SimulatorError {
        .unusableRecording("it is no well-formed XML, \(detail) (byte \(position))")
    }
}
