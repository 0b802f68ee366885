import Logging
import TextFormats

/// Encodes one log record as one line of bytes.
struct LogRecordEncoder {
    let format: LogFormat

    /// The member names of the record itself. Metadata with one of these names gets a `_` at its end.
    private static let ownMembers: Set<String> = ["time", "level", "message", "logger"]

    /// Encodes a record as a line, with its line end.
    ///
    /// - Parameter milliseconds: the record's time, in milliseconds since 1970.
    func line(
        milliseconds: Int64, level: Logger.Level, message: String, logger: String, metadata: Logger.Metadata
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        switch format {
        case .json: appendJSON(milliseconds, level, message, logger, metadata, to: &bytes)
        case .text: appendText(milliseconds, level, message, logger, metadata, to: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private func appendJSON(
        _ milliseconds: Int64, _ level: Logger.Level, _ message: String, _ logger: String,
        _ metadata: Logger.Metadata, to bytes: inout [UInt8]
    ) {
        bytes.append(contentsOf: #"{"time":""#.utf8)
        RFC3339.append(milliseconds: milliseconds, to: &bytes)
        bytes.append(contentsOf: #"","level":""#.utf8)
        bytes.append(contentsOf: level.rawValue.utf8)
        bytes.append(contentsOf: #"","message":"#.utf8)
        JSONWriter.append(printable: message, to: &bytes)
        bytes.append(contentsOf: #","logger":"#.utf8)
        JSONWriter.append(printable: logger, to: &bytes)
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            bytes.append(UInt8(ascii: ","))
            appendMember(Self.ownMembers.contains(key) ? key + "_" : key, value, hiddenBy: key, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private func appendMember(
        _ name: String, _ value: Logger.MetadataValue, hiddenBy key: String, to bytes: inout [UInt8]
    ) {
        JSONWriter.append(printable: name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        appendValue(Redaction.hides(key) ? .string(Redaction.replacement) : value, to: &bytes)
    }

    /// Writes numbers and Booleans as such, so that tools which read the log can compare and add them. Anything else
    /// becomes a string, also infinity and NaN, which JSON lacks.
    private func appendScalar(_ value: any CustomStringConvertible, to bytes: inout [UInt8]) {
        let text = String(describing: value)
        let isPlain =
            switch value {
            case is any BinaryInteger, is Bool: true
            case let number as any BinaryFloatingPoint: number.isFinite
            default: false
            }
        if isPlain {
            bytes.append(contentsOf: text.utf8)
        } else {
            JSONWriter.append(printable: text, to: &bytes)
        }
    }

    private func appendValue(_ value: Logger.MetadataValue, to bytes: inout [UInt8]) {
        switch value {
        case .string(let string): JSONWriter.append(printable: string, to: &bytes)
        case .stringConvertible(let value): appendScalar(value, to: &bytes)
        case .array(let values):
            bytes.append(UInt8(ascii: "["))
            JSONWriter.appendList(values, to: &bytes) { appendValue($0, to: &$1) }
            bytes.append(UInt8(ascii: "]"))
        case .dictionary(let members):
            bytes.append(UInt8(ascii: "{"))
            JSONWriter.appendList(members.sorted { $0.key < $1.key }, to: &bytes) { member, bytes in
                appendMember(member.key, member.value, hiddenBy: member.key, to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }
}

// MARK: - Text
extension LogRecordEncoder {
    private func appendText(
        _ milliseconds: Int64, _ level: Logger.Level, _ message: String, _ logger: String,
        _ metadata: Logger.Metadata, to bytes: inout [UInt8]
    ) {
        RFC3339.append(milliseconds: milliseconds, to: &bytes)
        bytes.append(UInt8(ascii: " "))
        bytes.append(contentsOf: level.rawValue.uppercased().utf8)
        for _ in level.rawValue.utf8.count..<9 { bytes.append(UInt8(ascii: " ")) }
        appendPrintable(logger, to: &bytes)
        bytes.append(contentsOf: ": ".utf8)
        appendPrintable(message, to: &bytes)
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            bytes.append(UInt8(ascii: " "))
            appendPrintable(key, to: &bytes)
            bytes.append(UInt8(ascii: "="))
            appendTextValue(Redaction.hides(key) ? .string(Redaction.replacement) : value, to: &bytes)
        }
    }

    /// Writes a text without blanks, quotes and control characters unchanged. Anything else is written as in JSON, so
    /// that a record stays one line and its parts can be distinguished.
    private func appendTextValue(_ value: Logger.MetadataValue, to bytes: inout [UInt8]) {
        let text: String
        switch value {
        case .string(let string): text = string
        case .stringConvertible(let value): text = String(describing: value)
        case .array, .dictionary: return appendValue(value, to: &bytes)
        }
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x7f }
        if isPlain {
            bytes.append(contentsOf: text.utf8)
        } else {
            JSONWriter.append(printable: text, to: &bytes)
        }
    }

    /// Replaces control characters, above all line ends, by blanks, so that a text cannot forge a second record.
    private func appendPrintable(_ text: String, to bytes: inout [UInt8]) {
        for byte in text.utf8 { bytes.append(byte < 0x20 || byte == 0x7f ? UInt8(ascii: " ") : byte) }
    }
}
