/// JSON pointers (RFC 6901): where something stands in a JSON text.
package enum JSONPointer {
    /// Longer names are cut: a pointer is for a person who looks for a mistake.
    private static let longestName = 64

    /// A reference token with its `/` (section 3).
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

    /// No scalar of a name is cut in two.
    private static func keptLength(of name: [UInt8]) -> Int {
        guard name.count > longestName else { return name.count }
        return (0...longestName).last { name[$0] & 0xC0 != 0x80 } ?? 0
    }

    /// Where reading a text stopped: the innermost member or element that had begun, and of a member that is named
    /// twice the second one. Reads the text before the error again, so that reading costs nothing for it.
    package static func place(of error: JSONError, in bytes: Span<UInt8>) -> String {
        let pointer = pointer(to: error.offset, in: bytes)
        guard error.reason == .duplicateMember else { return pointer }
        var reader = JSONReader(depthLimit: 0)
        reader.position = error.offset
        guard let name = try? reader.string(bytes) else { return pointer }
        return pointer + token(name.content(bytes))
    }

    /// One container that is open.
    private enum Step {
        /// An object, and the member that has begun.
        case member([UInt8]?)
        /// An array, and the element that has begun.
        case element(Int)

        var token: String {
            switch self {
            case .member(let name): name.map(JSONPointer.token) ?? ""
            case .element(let index): "/\(index)"
            }
        }
    }

    /// - Parameter bytes: up to `end` what a reader has found in order.
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
                // The one in which the error is does not count any more.
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
