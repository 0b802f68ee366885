internal import HTTP1

/// A chunked body is read the same however it is cut, within its limit, and as a naive reader without any
/// checks would read it; and what the encoder cuts into chunks the parser joins again.
enum ChunkedFuzz {
    private static let limits = HTTPLimits(
        requestLineBytes: 64, headerBytes: 128, headerCount: 4, bodyBytes: 512)
    private static let head = Array("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)

    static func check(_ bytes: [UInt8]) {
        checkReading(bytes)
        checkRoundTrip(bytes)
    }

    private static func checkReading(_ bytes: [UInt8]) {
        let whole = RequestTranscript(head + bytes, limits: limits)
        require(RequestTranscript(pieces: [head] + Pieces.single(bytes), limits: limits) == whole, "bytes")
        require(RequestTranscript(pieces: [head] + Pieces(bytes).all, limits: limits) == whole, "pieces")
        guard let request = whole.requests.first else { return require(false, "the head is fixed") }
        require(request.body.count <= limits.bodyBytes, "limit")
        let naive = NaiveChunks.read(bytes)
        // An error in the first body ends it early; one in a later request does not touch it.
        require(naive.starts(with: request.body), "naive \(naive), ours \(request.body)")
        if request.isComplete { require(naive.count == request.body.count, "naive goes on") }
    }

    private static func checkRoundTrip(_ bytes: [UInt8]) {
        var message = head
        for piece in Pieces(bytes).all { ResponseEncoder.encodeChunk(piece.span, into: &message) }
        ResponseEncoder.encodeLastChunk(into: &message)
        let transcript = RequestTranscript(pieces: Pieces(message).all)
        require(transcript.error == nil && transcript.requests.count == 1, "round trip fails")
        require(transcript.requests.first?.body == bytes, "round trip differs")
        require(transcript.requests.first?.isComplete == true, "round trip does not end")
    }
}

/// Joins chunks with as little thought as a careless peer: digits, anything up to CRLF, data, two bytes more.
private enum NaiveChunks {
    static func read(_ bytes: [UInt8]) -> [UInt8] {
        var body: [UInt8] = []
        var rest = bytes[...]
        while let lineEnd = zip(rest.indices, rest.indices.dropFirst())
            .first(where: { rest[$0] == 13 && rest[$1] == 10 })?.1
        {
            let digits = rest.prefix { Character(Unicode.Scalar($0)).isHexDigit && $0 < 128 }
            guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), size > 0 else { break }
            rest = rest[(lineEnd + 1)...]
            body += rest.prefix(size)
            rest = rest.dropFirst(size).dropFirst(2)
        }
        return body
    }
}
