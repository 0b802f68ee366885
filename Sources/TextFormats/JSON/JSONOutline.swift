/// The names at the top of a JSON text that is one object, with their places: for files that people write by hand.
///
/// ```swift
/// let outline = try JSONOutline(Array(#"{"http_port": 8080}"#.utf8))
/// outline.members[0].name        // "http_port"
/// outline.members[0].place       // line 1, column 2
/// ```
package struct JSONOutline: Equatable, Sendable {
    /// One member of the object.
    package struct Member: Equatable, Sendable {
        /// Unescaped.
        package let name: String
        /// Of its name's first quote.
        package let place: TextPlace
    }

    /// Why a text is not such an object, and where.
    package struct Failure: Error, Equatable, CustomStringConvertible {
        package let place: TextPlace
        package let reason: String

        package var description: String { "\(place): \(reason)" }
    }

    private static let depthLimit = 64

    /// In the order of the text.
    package let members: [Member]

    /// Reads the whole text by RFC 8259. A byte order mark before it is passed over (section 8.1).
    package init(_ bytes: [UInt8]) throws(Failure) {
        var reader = JSONReader(depthLimit: Self.depthLimit)
        reader.skipByteOrderMark(bytes.span)
        // No editor counts the mark as a column.
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

/// A place in a text as editors count it, from 1.
package struct TextPlace: Equatable, Sendable, CustomStringConvertible {
    package let line: Int
    /// In Unicode scalars.
    package let column: Int

    /// The place of a byte of UTF-8; the end when there is none.
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
