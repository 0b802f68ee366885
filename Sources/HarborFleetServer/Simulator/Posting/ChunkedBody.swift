/// The chunked transfer coding (RFC 9112, section 7.1), read from what has come so far. Answers are small, so
/// it begins anew with each piece instead of keeping a place.
enum ChunkedBody {
    /// - Returns: the decoded body, nil while its last chunk or its trailers are missing.
    static func decode(_ bytes: [UInt8]) throws(AnswerError) -> [UInt8]? {
        var body: [UInt8] = []
        var position = 0
        while let line = line(bytes, &position) {
            let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") }
            guard (1...7).contains(digits.count),
                let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), size >= 0
            else { throw AnswerError(detail: "a broken chunk size") }
            if size == 0 { return endsTrailers(bytes, &position) ? body : nil }
            guard bytes.count - position >= size + 2 else { return nil }
            body.append(contentsOf: bytes[position..<(position + size)])
            position += size
            guard bytes[position] == 0x0D, bytes[position + 1] == 0x0A else {
                throw AnswerError(detail: "a chunk longer than its size")
            }
            position += 2
        }
        return nil
    }

    /// The next line without its CRLF.
    private static func line(_ bytes: [UInt8], _ position: inout Int) -> ArraySlice<UInt8>? {
        guard let end = bytes[position...].firstIndex(of: 0x0A), end > position, bytes[end - 1] == 0x0D else {
            return nil
        }
        defer { position = end + 1 }
        return bytes[position..<(end - 1)]
    }

    private static func endsTrailers(_ bytes: [UInt8], _ position: inout Int) -> Bool {
        while let line = line(bytes, &position) {
            if line.isEmpty { return true }
        }
        return false
    }
}
