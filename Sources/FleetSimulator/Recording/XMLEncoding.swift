/// Detects the encodings of XML files (XML 1.0, section 4.3.3 and appendix F).
enum XMLEncoding {
    private static let packedForms: [(prefix: [UInt8], reason: String)] = [
        ([0x1F, 0x8B], "it is compressed with gzip; unpack it first"),
        (Array("PK".utf8), "it is a ZIP archive; unpack it first"),
        ([0xFF, 0xFE, 0, 0], "its encoding is UTF-32; only UTF-8 and UTF-16 are supported"),
        ([0, 0, 0xFE, 0xFF], "its encoding is UTF-32; only UTF-8 and UTF-16 are supported"),
    ]

    /// The text of `file` in an encoding that contains ASCII: UTF-16 is converted to UTF-8, anything else is
    /// unchanged, without the byte order mark.
    /// - Throws: `SimulatorError.unusableRecording` for an archive or an unsupported encoding.
    static func readable(_ file: [UInt8]) throws(SimulatorError) -> [UInt8] {
        if let form = packedForms.first(where: { file.starts(with: $0.prefix) }) {
            throw .unusableRecording(form.reason)
        }
        if file.starts(with: [0xEF, 0xBB, 0xBF]) { return Array(file.dropFirst(3)) }
        if file.starts(with: [0xFE, 0xFF]) { return utf8(file.dropFirst(2), highByteFirst: true) }
        if file.starts(with: [0xFF, 0xFE]) { return utf8(file.dropFirst(2), highByteFirst: false) }
        // Without a byte order mark the first `<` shows the encoding.
        if file.starts(with: [0, 0x3C]) { return utf8(file[...], highByteFirst: true) }
        if file.starts(with: [0x3C, 0]) { return utf8(file[...], highByteFirst: false) }
        return file
    }

    /// Drops half a code unit at the end of a file that is cut off.
    private static func utf8(_ bytes: ArraySlice<UInt8>, highByteFirst: Bool) -> [UInt8] {
        let pairs = stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2)
        let units = pairs.map { index -> UInt16 in
            let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            return highByteFirst ? first << 8 | second : second << 8 | first
        }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }
}
