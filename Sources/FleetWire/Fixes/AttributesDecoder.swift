internal import TextFormats

/// Reads a fix's attributes: a flat map of string, number or bool, kept as compact JSON text.
///
/// Strings are written with the escapes they need and no others. A number is kept as it was written, so that
/// none loses digits; one with an exponent is written as the Double it means, since a database may spell it
/// out to thousands of digits.
struct AttributesDecoder {
    private var output: [UInt8] = [UInt8(ascii: "{")]
    private var names = JSONMemberNames()
    private var isValid = true

    /// Reads the value at `reader` into `draft`, or notes there what is wrong with it.
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
        // One error tells enough: a body of a million wrong attributes must not be answered with a million.
        if isValid { draft.reject(.attributes, detail, inside: name) }
        isValid = false
    }
}
