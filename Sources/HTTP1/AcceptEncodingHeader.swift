/// Parses `Accept-Encoding`: which content codings a client accepts (RFC 9110 section 12.5.3).
package struct AcceptEncodingHeader: Sendable {
    private let list: WeightedList

    /// Parses the field's value. Without a value only `identity` is acceptable.
    package init(_ value: String?) { list = WeightedList(value ?? "") }

    /// The weight of a coding: its own, else that of `*`. If neither is named, only `identity` is acceptable.
    package func quality(of coding: String) -> QualityValue {
        named(coding) ?? named("*") ?? (coding == "identity" ? .one : .zero)
    }

    /// Whether gzip (or its old name `x-gzip`) is acceptable, with at least the weight of a named `identity`.
    package var prefersGzip: Bool {
        let gzip = named("gzip") ?? named("x-gzip") ?? named("*") ?? .zero
        return gzip > .zero && gzip >= named("identity") ?? .zero
    }

    private func named(_ coding: String) -> QualityValue? {
        list.elements.first { $0.name == coding }?.quality
    }
}
