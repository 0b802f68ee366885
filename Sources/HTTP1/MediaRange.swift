/// One element of `Accept` (RFC 9110 section 12.5.1). Parameters other than `q` are ignored, so that
/// `application/json;charset=utf-8` is served with JSON.
package struct MediaRange: Sendable, Equatable {
    /// The type in small letters, or `*`.
    package let type: String
    /// The subtype in small letters, or `*`.
    package let subtype: String
    /// How much it is wanted.
    package let quality: QualityValue

    /// Reads `type/subtype`; nil when it is not of that form.
    init?(_ name: String, _ quality: QualityValue) {
        guard let slash = name.utf8.firstIndex(of: ASCII.slash) else { return nil }
        type = String(name[..<slash])
        subtype = String(name[name.utf8.index(after: slash)...])
        self.quality = quality
        guard !type.isEmpty, !subtype.isEmpty, type != "*" || subtype == "*" else { return nil }
    }

    /// How closely it names a media type: 3 exactly, 2 its type, 1 anything, 0 not at all.
    func specificity(for media: MediaRange) -> Int {
        if type == "*" { return 1 }
        guard type == media.type else { return 0 }
        if subtype == "*" { return 2 }
        return subtype == media.subtype ? 3 : 0
    }
}
