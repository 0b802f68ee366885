/// Parses `Accept`: which media types a client wants (RFC 9110 section 12.5.1).
///
/// ```swift
/// AcceptHeader(head[.accept]).preferred(of: ["application/json", "text/csv"])
/// ```
package struct AcceptHeader: Sendable, Equatable {
    /// The valid elements in order.
    package let ranges: [MediaRange]

    /// Parses the field's value. If it is absent, empty, or has no valid element, every media type is acceptable.
    package init(_ value: String?) {
        ranges = WeightedList(value ?? "").elements.compactMap { MediaRange($0) }
    }

    /// The weight of a media type. The most specific range that matches it decides.
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

    /// The offer with the highest weight; of equal weights the earlier offer. Nil if no offer is acceptable, which
    /// means status 406.
    package func preferred(of offers: [String]) -> String? {
        var best: (offer: String, quality: QualityValue)?
        for offer in offers {
            let quality = quality(of: offer)
            if quality > (best?.quality ?? .zero) { best = (offer, quality) }
        }
        return best?.offer
    }

    /// Whether a media type is named exactly, not only by a wildcard, and is acceptable.
    package func names(_ mediaType: String) -> Bool {
        guard let media = MediaRange(mediaType) else { return false }
        return ranges.contains { $0.specificity(for: media) >= 3 && $0.quality > .zero }
    }

    /// Whether a media type is named exactly, and none of `others` has a higher weight.
    package func names(_ mediaType: String, before others: [String]) -> Bool {
        names(mediaType) && !others.contains { quality(of: $0) > quality(of: mediaType) }
    }
}
