internal import Glibc

/// Tells whether a text is an address in numbers; names are refused so that a start never waits for a resolver.
enum NumericAddress {
    /// The size in bits of an IPv4 (32) or IPv6 (128) address; nil for anything else.
    static func bits(of text: String) -> Int? {
        var address = in6_addr()
        // inet_pton writes at most the 16 bytes of an in6_addr, which lives for the call.
        if unsafe inet_pton(AF_INET, text, &address) == 1 { return 32 }
        if unsafe inet_pton(AF_INET6, text, &address) == 1 { return 128 }
        return nil
    }

    /// Whether a text is an address, or a network as `10.0.0.0/8`.
    static func isAddressOrNetwork(_ text: String) -> Bool {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let bits = bits(of: String(first)) else { return false }
        guard parts.count == 2 else { return true }
        guard let last = parts.last, last.allSatisfy(\.isASCIIDigit), let prefix = Int(last) else {
            return false
        }
        return prefix <= bits
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
