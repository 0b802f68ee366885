/// One element of `Accept` (RFC 9110 section 12.5.1), or a media type that the server offers. A parameter is compared
/// only if both have it. So `application/json;charset=utf-8` matches JSON, but `text/plain;version=1.0.0` does not
/// match version 0.0.4.
package struct MediaRange: Sendable, Equatable {
    /// The type in lower case, or `*`.
    package let type: String
    /// The subtype in lower case, or `*`.
    package let subtype: String
    let parameters: [WeightedList.Parameter]
    /// The client's weight for it.
    package let quality: QualityValue

    /// Parses a media type that the server offers, such as `text/plain;version=0.0.4`; nil if it is malformed.
    init?(_ mediaType: String) {
        guard let element = WeightedList(mediaType).elements.first else { return nil }
        self.init(element)
    }

    /// Parses `type/subtype`; nil if the element does not have that form.
    init?(_ element: WeightedList.Element) {
        let name = element.name
        guard let slash = name.utf8.firstIndex(of: ASCII.slash) else { return nil }
        type = String(name[..<slash])
        subtype = String(name[name.utf8.index(after: slash)...])
        parameters = element.parameters
        quality = element.quality
        guard !type.isEmpty, !subtype.isEmpty, type != "*" || subtype == "*" else { return nil }
    }

    /// How closely this range matches a media type: 4 with an equal parameter, 3 exactly, 2 by its type, 1 by `*/*`,
    /// 0 not at all.
    func specificity(for media: MediaRange) -> Int {
        if type == "*" { return 1 }
        guard type == media.type else { return 0 }
        if subtype == "*" { return 2 }
        guard subtype == media.subtype else { return 0 }
        var specificity = 3
        for offered in media.parameters {
            guard let asked = parameters.first(where: { $0.name == offered.name }) else { continue }
            guard asked.value == offered.value else { return 0 }
            specificity = 4
        }
        return specificity
    }
}
