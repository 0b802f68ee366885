/// The encodings that XML files come in (XML 1.0, section 4.3.3 and appendix F).
enum XMLEncoding {
    private static let packedForms: [(prefix: [UInt8], reason: String)] = [
        ([0x1F, 0x8B], "it is compressed with gzip; unpack it first"),
        (Array("PK".utf8), "it is a ZIP archive; unpack it first"),
        ([0xFF, 0xFE, 0, 0], "it is written in UTF-32; UTF-8 and UTF-16 are read"),
        ([0, 0, 0xFE, 0xFF], "it is written in UTF-32; UTF-8 and UTF-16 are read"),
    ]

    /// The text of `file` in an encoding that writes ASCII as ASCII: UTF-16 as UTF-8, anything else as it is, without the
    /// byte order mark.
    /// - Throws: `SimulatorError.unusableRecording` for an archive or an encoding that is not read.
    static func readable(_ file: [UInt8]) throws(SimulatorError) -> [UInt8] {
        if let form = packedForms.first(where: { file.starts(with: $0.prefix) }) {
            throw .unusableRecording(form.reason)
        }
        if file.starts(with: [0xEF, 0xBB, 0xBF]) { return Array(file.dropFirst(3)) }
        if file.starts(with: [0xFE, 0xFF]) { return utf8(file.dropFirst(2), highByteFirst: true) }
        if file.starts(with: [0xFF, 0xFE]) { return utf8(file.dropFirst(2), highByteFirst: false) }
        // Without a mark the `<` tells.
        if file.starts(with: [0, 0x3C]) { return utf8(file[...], highByteFirst: true) }
        if file.starts(with: [0x3C, 0]) { return utf8(file[...], highByteFirst: false) }
        return file
    }

    /// Half of a code unit at the end of a file that is cut off is dropped.
    private static func utf8(_ bytes: ArraySlice<UInt8>, highByteFirst: Bool) -> [UInt8] {
        let pairs = stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2)
        let units = pairs.map { index -> UInt16 in
            let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            return highByteFirst ? first << 8 | second : second << 8 | first
        }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }
}
