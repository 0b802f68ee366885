/// Makes JSON pointers (RFC 6901), which name places in a JSON text.
package enum JSONPointer {
    /// The longest name in a pointer, in bytes. A longer one is cut, because pointers are for people who look
    /// for a mistake.
    private static let longestName = 64

    /// Makes a reference token with its `/` (section 3).
    package static func token(_ name: [UInt8]) -> String {
        var output: [UInt8] = [UInt8(ascii: "/")]
        for byte in name.prefix(keptLength(of: name)) {
            switch byte {
            case UInt8(ascii: "~"): output.append(contentsOf: "~0".utf8)
            case UInt8(ascii: "/"): output.append(contentsOf: "~1".utf8)
            default: output.append(byte)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// The length to which a name is cut, in bytes. It does not split a Unicode scalar.
    private static func keptLength(of name: [UInt8]) -> Int {
        guard name.count > longestName else { return name.count }
        return (0...longestName).last { name[$0] & 0xC0 != 0x80 } ?? 0
    }

    /// Returns the pointer to the place of an error: to the innermost member or element that had begun. For a repeated
    /// name it is the pointer with that name. It parses the text up to the error again, so that the reader need not
    /// track pointers.
    package static func place(of error: JSONError, in bytes: Span<UInt8>) -> String {
        let pointer = pointer(to: error.offset, in: bytes)
        guard error.reason == .duplicateMember else { return pointer }
        var reader = JSONReader(depthLimit: 0)
        reader.position = error.offset
        guard let name = try? reader.string(bytes) else { return pointer }
        return pointer + token(name.content(bytes))
    }

    /// An open object or array.
    private enum Step {
        /// An object, with the name of the member that has begun; nil before the name.
        case member([UInt8]?)
        /// An array, with the index of the element that has begun.
        case element(Int)

        var token: String {
            switch self {
            case .member(let name): name.map(JSONPointer.token) ?? ""
            case .element(let index): "/\(index)"
            }
        }
    }

    /// The pointer to the innermost member or element at `end`.
    /// - Parameter bytes: a text that a reader has found valid up to `end`.
    private static func pointer(to end: Int, in bytes: Span<UInt8>) -> String {
        var steps: [Step] = []
        var reader = JSONReader(depthLimit: 0)
        while reader.position < end {
            switch bytes[reader.position] {
            case UInt8(ascii: "{"): steps.append(.member(nil))
            case UInt8(ascii: "["): steps.append(.element(0))
            case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = steps.popLast()
            case UInt8(ascii: ","): comma(&steps)
            case UInt8(ascii: "\""):
                // Ignore the string that contains the error.
                guard let text = try? reader.string(bytes), reader.position <= end else { return join(steps) }
                if case .member(nil) = steps.last { steps[steps.count - 1] = .member(text.content(bytes)) }
                continue
            default: break
            }
            reader.position &+= 1
        }
        return join(steps)
    }

    private static func comma(_ steps: inout [Step]) {
        switch steps.popLast() {
        case .member: steps.append(.member(nil))
        case .element(let index): steps.append(.element(index &+ 1))
        case nil: break
        }
    }

    private static func join(_ steps: [Step]) -> String { steps.map(\.token).joined() }
}
