internal import TextFormats

/// Decodes the attributes of a fix: a flat map of strings, numbers and booleans, kept as compact JSON text.
///
/// Strings are written with only the escapes that they need. A number is kept as it was sent, so that no digits are
/// lost. A number with an exponent is written as its Double value instead, because a database may expand it to
/// thousands of digits.
struct AttributesDecoder {
    private var output: [UInt8] = [UInt8(ascii: "{")]
    private var names = JSONMemberNames()
    private var isValid = true

    /// Decodes the value at `reader` into `draft`, or records its error there.
    static func decode(
        _ reader: inout JSONReader, _ bytes: Span<UInt8>, rules: FixRules, into draft: inout FixDraft
    ) throws(JSONError) {
        var decoder = AttributesDecoder()
        try decoder.members(&reader, bytes, &draft)
        decoder.output.append(UInt8(ascii: "}"))
        guard decoder.isValid else { return }
        guard decoder.output.count <= rules.maximumAttributeBytes else {
            return draft.reject(.attributes, "must not be longer than \(rules.maximumAttributeBytes) bytes")
        }
        draft.attributes = decoder.output
    }

    private mutating func members(
        _ reader: inout JSONReader, _ bytes: Span<UInt8>, _ draft: inout FixDraft
    ) throws(JSONError) {
        var first = true
        try reader.open(UInt8(ascii: "{"), bytes)
        while try reader.hasNext(UInt8(ascii: "}"), first: first, bytes) {
            if !first { output.append(UInt8(ascii: ",")) }
            first = false
            let name = try reader.memberName(bytes).content(bytes)
            guard names.insert(name) else {
                reject(&draft, FixDraft.repeatDetail, name)
                try reader.skipValue(bytes)
                continue
            }
            if name.contains(0) { reject(&draft, "must not contain U+0000", name) }
            JSONWriter.append(utf8: name, to: &output)
            output.append(UInt8(ascii: ":"))
            try value(&reader, bytes, &draft, name)
        }
    }

    private mutating func value(
        _ reader: inout JSONReader, _ bytes: Span<UInt8>, _ draft: inout FixDraft, _ name: [UInt8]
    ) throws(JSONError) {
        switch try reader.peek(bytes) {
        case UInt8(ascii: "\""):
            let content = try reader.string(bytes).content(bytes)
            if content.contains(0) { reject(&draft, "must not contain U+0000", name) }
            JSONWriter.append(utf8: content, to: &output)
        case UInt8(ascii: "t"):
            try reader.literal("true", bytes)
            JSONWriter.append(raw: "true", to: &output)
        case UInt8(ascii: "f"):
            try reader.literal("false", bytes)
            JSONWriter.append(raw: "false", to: &output)
        case UInt8(ascii: "-"), 0x30...0x39:
            append(try reader.number(bytes), bytes, &draft, name)
        default:
            try reader.skipValue(bytes)
            reject(&draft, "must be a string, a number or a boolean", name)
        }
    }

    private mutating func append(
        _ number: JSONNumber, _ bytes: Span<UInt8>, _ draft: inout FixDraft, _ name: [UInt8]
    ) {
        guard number.value.isFinite else { return reject(&draft, "must be finite", name) }
        guard !number.hasExponent else { return JSONWriter.append(number.value, to: &output) }
        for index in number.range { output.append(bytes[index]) }
    }

    private mutating func reject(_ draft: inout FixDraft, _ detail: String, _ name: [UInt8]) {
        // One error is enough: a response to a million wrong attributes must not hold a million errors.
        if isValid { draft.reject(.attributes, detail, inside: name) }
        isValid = false
    }
}
