/// What media types a client wants (RFC 9110 section 12.5.1).
///
/// ```swift
/// AcceptHeader(head[.accept]).preferred(of: ["application/json", "text/csv"])
/// ```
package struct AcceptHeader: Sendable, Equatable {
    /// The readable elements in order.
    package let ranges: [MediaRange]

    /// Reads the field's value; absent, empty or wholly malformed means that anything is welcome.
    package init(_ value: String?) {
        ranges = WeightedList(value ?? "").elements.compactMap { MediaRange($0) }
    }

    /// How much a media type is wanted; the most specific range that names it decides.
    package func quality(of mediaType: String) -> QualityValue {
        guard !ranges.isEmpty else { return .one }
        guard let media = MediaRange(mediaType) else { return .zero }
        var best = (specificity: 0, quality: QualityValue.zero)
        for range in ranges {
            let specificity = range.specificity(for: media)
            if specificity > best.specificity { best = (specificity, range.quality) }
        }
        return best.quality
    }

    /// The most wanted of what we offer, the earlier one when two are wanted alike; nil (406) when none is.
    package func preferred(of offers: [String]) -> String? {
        var best: (offer: String, quality: QualityValue)?
        for offer in offers {
            let quality = quality(of: offer)
            if quality > (best?.quality ?? .zero) { best = (offer, quality) }
        }
        return best?.offer
    }

    /// Whether a media type is named itself, not only by a wildcard, and wanted.
    package func names(_ mediaType: String) -> Bool {
        guard let media = MediaRange(mediaType) else { return false }
        return ranges.contains { $0.specificity(for: media) >= 3 && $0.quality > .zero }
    }

    /// Whether a media type is named itself, and no other one of these is wanted more.
    package func names(_ mediaType: String, before others: [String]) -> Bool {
        names(mediaType) && !others.contains { quality(of: $0) > quality(of: mediaType) }
    }
}
