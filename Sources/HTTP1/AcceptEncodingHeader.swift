/// What content codings a client takes (RFC 9110 section 12.5.3).
package struct AcceptEncodingHeader: Sendable {
    private let list: WeightedList

    /// Reads the field's value; absent means that only `identity` is wanted.
    package init(_ value: String?) { list = WeightedList(value ?? "") }

    /// How much a coding is wanted: as named, else as `*`, else `identity` and nothing more.
    package func quality(of coding: String) -> QualityValue {
        named(coding) ?? named("*") ?? (coding == "identity" ? .one : .zero)
    }

    /// Whether gzip (or its old name) is taken, and not less gladly than a named `identity`.
    package var prefersGzip: Bool {
        let gzip = named("gzip") ?? named("x-gzip") ?? named("*") ?? .zero
        return gzip > .zero && gzip >= named("identity") ?? .zero
    }

    private func named(_ coding: String) -> QualityValue? {
        list.elements.first { $0.name == coding }?.quality
    }
}
