internal import TextFormats

/// The names of unknown members, each once, so that a partner notices a misspelled name. Bounded in number and
/// length.
struct IgnoredNames {
    private(set) var names: [String] = []
    let limit: Int
    private static let longestName = 64

    mutating func insert(_ name: JSONText, _ bytes: Span<UInt8>) {
        guard names.count < limit else { return }
        let content = name.content(bytes)
        let text =
            content.count <= Self.longestName
            ? String(decoding: content, as: UTF8.self)
            : String(String(decoding: content, as: UTF8.self).unicodeScalars.prefix(Self.longestName)) + "…"
        if !names.contains(text) { names.append(text) }
    }
}
