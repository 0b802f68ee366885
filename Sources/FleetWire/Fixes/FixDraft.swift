internal import HarborFleet
internal import TextFormats

/// A fix while its members are decoded: the values so far, and the errors.
struct FixDraft {
    let ordinal: Int
    var vehicleID: VehicleID?
    var recordedAt: Timestamp?
    var latitude: Double?
    var longitude: Double?
    var speed: Double?
    var heading: Double?
    var altitude: Double?
    var accuracy: Double?
    var attributes: [UInt8]?
    private(set) var errors: [FieldError] = []
    private var seen: UInt16 = 0
    private var repeated: UInt16 = 0
    private var repeatsUnknown = false
    static let repeatDetail = "must not be named twice"

    init(ordinal: Int) {
        self.ordinal = ordinal
    }

    /// Records that a member occurred. A repeat rejects the fix.
    /// - Returns: false for a repeat; its value must not be decoded.
    mutating func note(_ member: FixMember) -> Bool {
        let isNew = seen & member.rawValue == 0
        seen |= member.rawValue
        if !isNew { rejectRepeat(of: member) }
        return isNew
    }

    /// Records one error per member, because a body may repeat a member 100,000 times.
    private mutating func rejectRepeat(of member: FixMember) {
        guard repeated & member.rawValue == 0 else { return }
        repeated |= member.rawValue
        reject(member, Self.repeatDetail)
    }

    /// Records that an unknown member was repeated. Only the first repeat is recorded, for the same reason.
    mutating func rejectRepeat(ofUnknown name: [UInt8]) {
        guard !repeatsUnknown else { return }
        repeatsUnknown = true
        let pointer = "/fixes/\(ordinal)\(JSONPointer.token(name))"
        errors.append(FieldError(pointer: pointer, detail: Self.repeatDetail))
    }

    /// Records an error of a member, or of a member inside it.
    mutating func reject(_ member: FixMember, _ detail: String, inside: [UInt8]? = nil) {
        var pointer = "/fixes/\(ordinal)/\(member.name)"
        if let inside { pointer += JSONPointer.token(inside) }
        errors.append(FieldError(pointer: pointer, detail: detail))
    }

    /// Records that the element is not an object.
    mutating func rejectShape() {
        errors.append(FieldError(pointer: "/fixes/\(ordinal)", detail: "must be an object"))
        seen = .max
    }

    /// Sets a number if it is within `range`; otherwise the member stays unset and the error is recorded.
    mutating func set(
        _ target: WritableKeyPath<FixDraft, Double?>, _ member: FixMember, _ value: Double,
        in range: ClosedRange<Double>
    ) {
        guard range.contains(value) else { return reject(member, Self.rangeDetail(range)) }
        // Adding zero turns -0 into 0.
        self[keyPath: target] = value + 0
    }

    /// Returns the fix if all of it is valid; otherwise nil, and `errors` says why.
    mutating func finished() -> Fix? {
        for member in FixMember.required where seen & member.rawValue == 0 { reject(member, "is missing") }
        if latitude == 0, longitude == 0 { reject(.latitude, "must not be 0 together with lng") }
        guard errors.isEmpty, let vehicleID, let recordedAt, let latitude, let longitude else { return nil }
        return Fix(
            vehicleID: vehicleID, recordedAt: recordedAt, latitudeDegrees: latitude,
            longitudeDegrees: longitude, speedMetersPerSecond: speed,
            headingDegrees: heading == 360 ? 0 : heading, altitudeMeters: altitude,
            accuracyMeters: accuracy, attributes: attributes)
    }

    private static func rangeDetail(_ range: ClosedRange<Double>) -> String {
        guard range.upperBound < .greatestFiniteMagnitude else { return "must be finite" }
        return "must be between \(Int(range.lowerBound)) and \(Int(range.upperBound))"
    }
}
