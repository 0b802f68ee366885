/// Where a point is, by its attributes `lat` and `lon`.
struct RecordedPosition {
    /// Degrees; not a number when it has a flaw.
    let latitudeDegrees: Double
    let longitudeDegrees: Double
    /// nil when ingest takes it.
    let flaw: PointFlaw?
    /// As written, for messages; nil without any of the two.
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

/// Numbers as recorders write them.
enum RecordedNumber {
    /// A comma is a decimal point, as recorders in many languages write it.
    /// - Returns: nil for what is no finite number.
    static func parse(_ text: String?) -> Double? {
        guard let text = text.map(XMLSpace.trimmed) else { return nil }
        let value = Double(text) ?? Double(text.replacing(",", with: ".", maxReplacements: 1))
        return value.flatMap { $0.isFinite ? $0 : nil }
    }
}
