/// Finds the known word that a mistyped word most likely means.
package enum NearestWord {
    /// No name of ours is longer than this; the cost grows with the square of the length.
    private static let longest = 64
    private static let mostEdits = 2

    /// The word with the fewest typing errors in between, at most one for each three characters; else the first
    /// one that begins with `word`.
    package static func nearest(to word: String, among words: [String]) -> String? {
        guard word.count <= longest else { return nil }
        let limit = max(1, min(mostEdits, word.count / 3))
        let found = words.sorted().map { ($0, edits(from: Array(word), to: Array($0))) }
        if let best = found.min(by: { $0.1 < $1.1 }), best.1 <= limit { return best.0 }
        return word.count < 2 ? nil : words.sorted().first { $0.hasPrefix(word) }
    }

    /// How many characters must be inserted, removed, replaced, or swapped with the next one (the optimal string
    /// alignment distance).
    static func edits(from a: [Character], to b: [Character]) -> Int {
        var (older, last) = ([Int](), Array(0...b.count))
        for (i, character) in a.enumerated() {
            var row = [i + 1]
            for (j, other) in b.enumerated() {
                var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (character == other ? 0 : 1))
                if i > 0, j > 0, character == b[j - 1], a[i - 1] == other {
                    best = min(best, older[j - 1] + 1)
                }
                row.append(best)
            }
            (older, last) = (last, row)
        }
        return last[b.count]
    }
}
