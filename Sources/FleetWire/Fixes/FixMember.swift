internal import TextFormats

/// The known members of a fix.
enum FixMember: UInt16, CaseIterable {
    case vehicleID = 1
    case recordedAt = 2
    case latitude = 4
    case longitude = 8
    case speed = 16
    case heading = 32
    case altitude = 64
    case accuracy = 128
    case attributes = 256

    static let required: [FixMember] = [.vehicleID, .recordedAt, .latitude, .longitude]

    var name: String {
        switch self {
        case .vehicleID: "vehicle_id"
        case .recordedAt: "recorded_at"
        case .latitude: "lat"
        case .longitude: "lng"
        case .speed: "speed_mps"
        case .heading: "heading_deg"
        case .altitude: "altitude_m"
        case .accuracy: "accuracy_m"
        case .attributes: "attributes"
        }
    }

    /// - Returns: nil for an unknown name.
    init?(_ name: JSONText, _ bytes: Span<UInt8>) {
        guard !name.range.isEmpty else { return nil }
        guard !name.hasEscapes else {
            self.init(content: name.content(bytes))
            return
        }
        let candidates = Self.candidates(first: bytes[name.range.lowerBound])
        guard let member = candidates.first(where: { name.equals($0.name, bytes) }) else { return nil }
        self = member
    }

    private init?(content: [UInt8]) {
        let member = Self.allCases.first { content.elementsEqual($0.name.utf8) }
        guard let member else { return nil }
        self = member
    }

    /// The members that begin with `first`. Few names share a first letter, so most members cost one comparison.
    private static func candidates(first: UInt8) -> [FixMember] {
        switch first {
        case UInt8(ascii: "v"): vStart
        case UInt8(ascii: "r"): rStart
        case UInt8(ascii: "l"): lStart
        case UInt8(ascii: "s"): sStart
        case UInt8(ascii: "h"): hStart
        case UInt8(ascii: "a"): aStart
        default: []
        }
    }

    // Stored, so that no array is allocated per member.
    private static let vStart: [FixMember] = [.vehicleID]
    private static let rStart: [FixMember] = [.recordedAt]
    private static let lStart: [FixMember] = [.latitude, .longitude]
    private static let sStart: [FixMember] = [.speed]
    private static let hStart: [FixMember] = [.heading]
    private static let aStart: [FixMember] = [.attributes, .altitude, .accuracy]
}
