internal import HTTP1

/// A request's target falls into path and query without loss; segments and parameters are decoded as a
/// naive reader decodes them, never hold what they refuse, and are found again when they are encoded anew.
enum URLFuzz {
    static func check(_ bytes: [UInt8]) {
        if let head = head(target: bytes) { checkTarget(head, bytes) }
        let text = String(decoding: bytes, as: UTF8.self)
        checkSegments(text)
        checkParameters(text)
        checkDecoding(text)
    }

    private static func head(target: [UInt8]) -> RequestHead? {
        var parser = RequestParser()
        var offset = 0
        let request = Array("GET ".utf8) + target + Array(" HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        guard case .head(let head) = try? parser.next(request.span, &offset, limits: HTTPLimits()) else {
            return nil
        }
        return offset == request.count ? head : nil
    }

    private static func checkTarget(_ head: RequestHead, _ bytes: [UInt8]) {
        require(head.path.first == "/" && !head.path.contains { "?# ".contains($0) }, "path \(head.path)")
        require(Array(head.target.utf8) == bytes, "target")
        let query = head.query.map { "?" + $0 } ?? ""
        // The absolute form may leave its path out.
        let ends =
            head.target.hasSuffix(head.path + query) || head.path == "/" && head.target.hasSuffix(query)
        require(ends, "\(head.path) and \(query) are no end of \(head.target)")
    }

    private static func checkSegments(_ text: String) {
        let segments = PathSegments.decoded(text)
        require(segments == naiveSegments(text), "segments \(String(describing: segments))")
        guard let segments, !segments.isEmpty else { return }
        let again = PathSegments.decoded("/" + segments.map(encode).joined(separator: "/"))
        require(again == segments, "segments encoded again")
    }

    private static func naiveSegments(_ text: String) -> [String]? {
        guard text.utf8.first == UInt8(ascii: "/"), !text.utf8.contains(UInt8(ascii: "\\")) else {
            return nil
        }
        if text == "/" { return [] }
        let parts = String(decoding: text.utf8.dropFirst(), as: UTF8.self).split(
            omittingEmptySubsequences: false, whereSeparator: { $0 == "/" })
        let decoded = parts.compactMap { $0.utf8.allSatisfy { $0 < 128 } ? decode(String($0)) : nil }
        guard decoded.count == parts.count, !decoded.contains("."), !decoded.contains("..") else {
            return nil
        }
        let controls = decoded.joined().unicodeScalars.contains { $0.value < 32 || $0.value == 127 }
        return controls ? nil : decoded
    }

    private static func checkParameters(_ text: String) {
        let parameters = QueryParameters(text)
        let pairs = parameters.pairs
        require(pairs.count <= text.utf8.count, "more pairs than bytes")
        for pair in pairs { require(parameters[pair.name] != nil, "\(pair.name) is not found") }
        let again = pairs.map { encode($0.name) + "=" + encode($0.value) }.joined(separator: "&")
        require(QueryParameters(again).pairs == pairs, "parameters encoded again")
    }

    private static func checkDecoding(_ text: String) {
        let ours = PercentDecoding.decode(text)
        require(ours == decode(text), "\(String(describing: ours)) from \(text)")
        require(PercentDecoding.decode(encode(text)) == text, "encoded and decoded")
    }

    private static func decode(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard digits.count == 2, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return nil }
            bytes += UInt8(digits, radix: 16).map { [$0] } ?? []
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// All bytes, so that nothing depends on what needs no escape.
    private static func encode(_ text: String) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
