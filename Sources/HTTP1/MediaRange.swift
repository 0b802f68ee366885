/// One element of `Accept` (RFC 9110 section 12.5.1), or a media type on offer. A parameter counts where both have it,
/// so that `application/json;charset=utf-8` is served with JSON, and `text/plain;version=1.0.0` not with version 0.0.4.
package struct MediaRange: Sendable, Equatable {
    /// The type in small letters, or `*`.
    package let type: String
    /// The subtype in small letters, or `*`.
    package let subtype: String
    let parameters: [WeightedList.Parameter]
    /// How much it is wanted.
    package let quality: QualityValue

    /// Reads a media type on offer, `text/plain;version=0.0.4`; nil when it is none.
    init?(_ mediaType: String) {
        guard let element = WeightedList(mediaType).elements.first else { return nil }
        self.init(element)
    }

    /// Reads `type/subtype`; nil when it is not of that form.
    init?(_ element: WeightedList.Element) {
        let name = element.name
        guard let slash = name.utf8.firstIndex(of: ASCII.slash) else { return nil }
        type = String(name[..<slash])
        subtype = String(name[name.utf8.index(after: slash)...])
        parameters = element.parameters
        quality = element.quality
        guard !type.isEmpty, !subtype.isEmpty, type != "*" || subtype == "*" else { return nil }
    }

    /// How closely it names a media type: 3 exactly, 4 with its version, 2 its type, 1 anything, 0 not at all.
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
