/// The member names of a JSON object and their places in the text, for error messages about files that people
/// write by hand.
///
/// ```swift
/// let outline = try JSONOutline(Array(#"{"http_port": 8080}"#.utf8))
/// outline.members[0].name        // "http_port"
/// outline.members[0].place       // line 1, column 2
/// ```
package struct JSONOutline: Equatable, Sendable {
    /// One member of the object.
    package struct Member: Equatable, Sendable {
        /// The name, unescaped.
        package let name: String
        /// The place of the name's first quote.
        package let place: TextPlace
    }

    /// The error when a text is not a JSON object: where, and why.
    package struct Failure: Error, Equatable, CustomStringConvertible {
        package let place: TextPlace
        package let reason: String

        package var description: String { "\(place): \(reason)" }
    }

    private static let depthLimit = 64

    /// The members in the order of the text.
    package let members: [Member]

    /// Parses the whole text by RFC 8259. A byte order mark before it is ignored (section 8.1).
    package init(_ bytes: [UInt8]) throws(Failure) {
        var reader = JSONReader(depthLimit: Self.depthLimit)
        reader.skipByteOrderMark(bytes.span)
        // Leave the mark out of the text, because editors do not count it as a column.
        let text = bytes[reader.position...]
        do throws(JSONError) {
            members = try Self.read(bytes.span, &reader) { TextPlace(of: $0, in: text) }
        } catch {
            throw Failure(place: TextPlace(of: error.offset, in: text), reason: error.reason.rawValue)
        }
    }

    private static func read(
        _ bytes: Span<UInt8>, _ reader: inout JSONReader, placeOf: (Int) -> TextPlace
    ) throws(JSONError) -> [Member] {
        var members: [Member] = []
        var names = JSONMemberNames()
        try reader.open(UInt8(ascii: "{"), bytes)
        while try reader.hasNext(UInt8(ascii: "}"), first: members.isEmpty, bytes) {
            let start = reader.position
            let name = try reader.memberName(bytes).content(bytes)
            guard names.insert(name) else { throw JSONError(offset: start, reason: .duplicateMember) }
            try reader.skipValue(bytes)
            members.append(
                Member(name: String(decoding: name, as: UTF8.self), place: placeOf(start)))
        }
        try reader.expectEnd(bytes)
        return members
    }
}

/// A place in a text, as editors count it: lines and columns from 1.
package struct TextPlace: Equatable, Sendable, CustomStringConvertible {
    package let line: Int
    /// The column, counted in Unicode scalars.
    package let column: Int

    /// The place of a byte of UTF-8 text. An index beyond the text gives the place of its end.
    /// - Parameter offset: an index of `text`.
    init(of offset: Int, in text: ArraySlice<UInt8>) {
        let before = text.prefix(max(offset - text.startIndex, 0))
        let newline = UInt8(ascii: "\n")
        let start = before.lastIndex(of: newline).map { $0 + 1 } ?? before.startIndex
        line = before.count { $0 == newline } + 1
        column = before[start...].count { $0 & 0xC0 != 0x80 } + 1
    }

    package var description: String { "line \(line), column \(column)" }
}
