/// The order in which people expect ids: `van-2` before `van-10`. A run of digits counts as a number; case matters
/// only when nothing else differs. The web app's script uses the same order (`vehicle-order.js`), so that rows stay
/// in place when it takes over.
package enum NaturalOrder {
    /// Whether `a` comes before `b`. Linear in their lengths.
    package static func isInOrder(_ a: String, _ b: String) -> Bool {
        var (x, y) = (a.utf8[...], b.utf8[...])
        while let c = x.first, let d = y.first {
            if isDigit(c), isDigit(d) {
                let (m, n) = (takeNumber(&x), takeNumber(&y))
                guard m.count == n.count else { return m.count < n.count }
                guard m.elementsEqual(n) else { return m.lexicographicallyPrecedes(n) }
            } else {
                guard lowercased(c) == lowercased(d) else { return lowercased(c) < lowercased(d) }
                x.removeFirst()
                y.removeFirst()
            }
        }
        guard x.isEmpty == y.isEmpty else { return x.isEmpty }
        return a.utf8.lexicographicallyPrecedes(b.utf8)
    }

    /// Removes the leading digits from `text` and returns them without leading zeros.
    private static func takeNumber(_ text: inout Substring.UTF8View) -> Substring.UTF8View {
        let digits = text.prefix(while: isDigit)
        text = text[digits.endIndex...]
        return digits.drop { $0 == UInt8(ascii: "0") }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
