/// The position of a point, from its attributes `lat` and `lon`.
struct RecordedPosition {
    /// Degrees; NaN when the attribute is missing or cannot be read.
    let latitudeDegrees: Double
    let longitudeDegrees: Double
    /// nil when the server accepts the position.
    let flaw: PointFlaw?
    /// As written, for messages; nil when both attributes are missing.
    let written: String?

    init(latitude: String?, longitude: String?) {
        let (latitudeDegrees, longitudeDegrees) = (
            RecordedNumber.parse(latitude), RecordedNumber.parse(longitude)
        )
        self.latitudeDegrees = latitudeDegrees ?? .nan
        self.longitudeDegrees = longitudeDegrees ?? .nan
        let parts = [latitude.map { "lat=\"\($0)\"" }, longitude.map { "lon=\"\($0)\"" }].compactMap(\.self)
        written = parts.isEmpty ? nil : parts.joined(separator: " ")
        flaw =
            if latitude == nil || longitude == nil {
                .positionMissing
            } else if let latitudeDegrees, let longitudeDegrees {
                Self.flaw(latitudeDegrees, longitudeDegrees)
            } else {
                .positionUnreadable
            }
    }

    private static func flaw(_ latitudeDegrees: Double, _ longitudeDegrees: Double) -> PointFlaw? {
        guard (-90...90).contains(latitudeDegrees), (-180...180).contains(longitudeDegrees) else {
            return .positionOutOfRange
        }
        return latitudeDegrees == 0 && longitudeDegrees == 0 ? .positionZero : nil
    }
}

/// Reads numbers as recorders write them.
enum RecordedNumber {
    /// A comma counts as a decimal point, as recorders in many languages write it.
    /// - Returns: nil when the text is not a finite number.
    static func parse(_ text: String?) -> Double? {
        guard let text = text.map(XMLSpace.trimmed) else { return nil }
        let value = Double(text) ?? Double(text.replacing(",", with: ".", maxReplacements: 1))
        return value.flatMap { $0.isFinite ? $0 : nil }
    }
}
