/// Splits an XML 1.0 text (fifth edition) into tags and character data. It is made for untrusted files.
///
/// It knows only the five predefined entities and character references. It refuses a document type declaration,
/// so there is nothing to expand and nothing to fetch. It accepts any encoding that contains ASCII.
struct XMLScanner {
    private static let depthLimit = 64

    /// The line on which the last token begins, counted from 1.
    private(set) var line = 1

    private let bytes: [UInt8]
    private var position = 0
    /// Line ends before this position are counted in `line`.
    private var countedPosition = 0
    private var openElements: [String] = []
    /// The name of an empty element whose end must follow its start.
    private var pendingEnd: String?

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// - Returns: the next token, nil at the end.
    /// - Throws: `SimulatorError.unusableRecording` when the text is not well-formed.
    mutating func next() throws(SimulatorError) -> XMLToken? {
        if let name = pendingEnd {
            pendingEnd = nil
            return .end(name: name)
        }
        while position < bytes.count {
            countLines()
            guard bytes[position] == UInt8(ascii: "<") else { return .text(text()) }
            if starts(with: "<!--") {
                if skip("<!--", to: "-->") == nil { return cutOff(in: "a comment") }
            } else if starts(with: "<![CDATA[") {
                guard let range = skip("<![CDATA[", to: "]]>") else { return cutOff(in: "CDATA") }
                return .text(decoded(range))
            } else if starts(with: "<?") {
                if skip("<?", to: "?>") == nil { return cutOff(in: "a processing instruction") }
            } else {
                return try tag()
            }
        }
        countLines()
        return openElements.last.map { cutOff(in: "<\($0)>") }
    }

    private mutating func text() -> String {
        let end = bytes[position...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
        defer { position = end }
        return XMLReference.resolve(decoded(position..<end))
    }

    private mutating func tag() throws(SimulatorError) -> XMLToken {
        guard !starts(with: "<!") else {
            throw refused("it has a document type declaration, which is not accepted")
        }
        guard let content = try tagContent() else { return cutOff(in: "a tag") }
        let slash = UInt8(ascii: "/")
        if content.first == slash { return try endTag(content.dropFirst()) }
        let isEmpty = content.last == slash
        var inside = XMLAttributes(isEmpty ? content.dropLast() : content)
        let name = inside.takeName()
        guard !name.isEmpty else { throw broken("a tag has no name") }
        guard let attributes = inside.all() else { throw broken("<\(name)> has a broken attribute") }
        try open(name, isEmpty: isEmpty)
        return .start(name: Self.localName(name), attributes: attributes)
    }

    private mutating func open(_ name: String, isEmpty: Bool) throws(SimulatorError) {
        guard !isEmpty else {
            pendingEnd = Self.localName(name)
            return
        }
        openElements.append(name)
        guard openElements.count <= Self.depthLimit else {
            throw refused("its elements are nested deeper than \(Self.depthLimit)")
        }
    }

    private mutating func endTag(_ content: ArraySlice<UInt8>) throws(SimulatorError) -> XMLToken {
        var inside = XMLAttributes(content)
        let name = inside.takeName()
        guard let open = openElements.popLast() else { throw broken("</\(name)> closes nothing") }
        guard open == name else { throw broken("</\(name)> is in the place of </\(open)>") }
        return .end(name: Self.localName(name))
    }

    /// The content between `<` and the next `>` outside of quotes; nil when the text ends first.
    /// - Throws: at another `<`, which a tag may not contain (section 3.1): the tag lacks its end, and the text
    ///   continues.
    private mutating func tagContent() throws(SimulatorError) -> ArraySlice<UInt8>? {
        var quote: UInt8?
        var end = position + 1
        while end < bytes.count {
            let byte = bytes[end]
            guard byte != UInt8(ascii: "<") else { throw broken("a tag has no end") }
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: ">") {
                defer { position = end + 1 }
                return bytes[(position + 1)..<end]
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            }
            end += 1
        }
        return nil
    }

    /// Moves behind the next `end`.
    /// - Returns: the range between `start` and `end`; nil when there is no `end`.
    private mutating func skip(_ start: String, to end: String) -> Range<Int>? {
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
        return nil
    }

    private mutating func cutOff(in place: String) -> XMLToken {
        position = bytes.count
        openElements = []
        return .cutOff(in: place)
    }

    /// A line ends with LF, CR LF or CR.
    private mutating func countLines() {
        for index in countedPosition..<position {
            let byte = bytes[index]
            let isReturn = byte == UInt8(ascii: "\r")
            let isBeforeFeed = index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "\n")
            if byte == UInt8(ascii: "\n") || isReturn && !isBeforeFeed { line += 1 }
        }
        countedPosition = position
    }

    private func starts(with prefix: String) -> Bool {
        bytes[position...].starts(with: prefix.utf8)
    }

    private func decoded(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    /// The name without its prefix.
    private static func localName(_ name: String) -> String {
        guard let colon = name.utf8.lastIndex(of: UInt8(ascii: ":")) else { return name }
        return String(name[name.index(after: colon)...])
    }

    private func broken(_ detail: String) -> SimulatorError {
        refused("it is not well-formed XML: \(detail)")
    }

    private func refused(_ detail: String) -> SimulatorError {
        .unusableRecording("\(detail) (line \(line))")
    }
}
