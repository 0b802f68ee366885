internal import HarborFleet
internal import TextFormats

/// Decodes one element of `fixes`.
struct FixDecoder {
    let rules: FixRules
    let earliest: Timestamp
    let latest: Timestamp

    init(rules: FixRules) {
        self.rules = rules
        earliest = rules.now.advanced(by: .zero - rules.retention)
        latest = rules.now.advanced(by: rules.clockTolerance)
    }

    /// Decodes the value at `reader`. Errors of the fix are recorded in the draft. Throws for invalid JSON.
    func decode(
        _ reader: inout JSONReader, _ bytes: Span<UInt8>, ordinal: Int, ignored: inout IgnoredNames
    ) throws(JSONError) -> FixDraft {
        var draft = FixDraft(ordinal: ordinal)
        guard try reader.peek(bytes) == UInt8(ascii: "{") else {
            try reader.skipValue(bytes)
            draft.rejectShape()
            return draft
        }
        var first = true
        var unknown = JSONMemberNames()
        try reader.open(UInt8(ascii: "{"), bytes)
        while try reader.hasNext(UInt8(ascii: "}"), first: first, bytes) {
            first = false
            let name = try reader.memberName(bytes)
            guard let member = FixMember(name, bytes) else {
                let content = name.content(bytes)
                if !unknown.insert(content) { draft.rejectRepeat(ofUnknown: content) }
                ignored.insert(name, bytes)
                try reader.skipValue(bytes)
                continue
            }
            guard draft.note(member) else {
                try reader.skipValue(bytes)
                continue
            }
            try value(of: member, &reader, bytes, &draft)
        }
        return draft
    }

    private func value(
        of member: FixMember, _ reader: inout JSONReader, _ bytes: Span<UInt8>, _ draft: inout FixDraft
    ) throws(JSONError) {
        let first = try reader.peek(bytes)
        // An optional member with the value null counts as absent.
        if first == UInt8(ascii: "n"), !FixMember.required.contains(member) {
            return try reader.literal("null", bytes)
        }
        switch member {
        case .vehicleID, .recordedAt:
            guard first == UInt8(ascii: "\"") else {
                return try reject(member, "must be a string", &reader, bytes, &draft)
            }
            text(try reader.string(bytes), of: member, bytes, &draft)
        case .attributes:
            guard first == UInt8(ascii: "{") else {
                return try reject(member, "must be an object", &reader, bytes, &draft)
            }
            try AttributesDecoder.decode(&reader, bytes, rules: rules, into: &draft)
        case .latitude, .longitude, .speed, .heading, .altitude, .accuracy:
            guard first == UInt8(ascii: "-") || (0x30...0x39).contains(first) else {
                return try reject(member, "must be a number", &reader, bytes, &draft)
            }
            number(try reader.number(bytes).value, of: member, &draft)
        }
    }

    private func reject(
        _ member: FixMember, _ detail: String, _ reader: inout JSONReader, _ bytes: Span<UInt8>,
        _ draft: inout FixDraft
    ) throws(JSONError) {
        try reader.skipValue(bytes)
        draft.reject(member, detail)
    }

    private func text(_ text: JSONText, of member: FixMember, _ bytes: Span<UInt8>, _ draft: inout FixDraft) {
        if member == .vehicleID {
            draft.vehicleID = VehicleID(text.string(bytes))
            if draft.vehicleID == nil { draft.reject(member, "must match [A-Za-z0-9][A-Za-z0-9._-]{0,63}") }
            return
        }
        let milliseconds =
            text.hasEscapes
            ? RFC3339.milliseconds(text.string(bytes)) : RFC3339.milliseconds(bytes.extracting(text.range))
        guard let milliseconds else { return draft.reject(member, "must be an RFC 3339 time") }
        let time = Timestamp(milliseconds: milliseconds)
        if time > latest {
            draft.reject(
                member, "must not be more than \(rules.clockTolerance.components.seconds) s in the future")
        } else if time < earliest {
            draft.reject(member, "must not be older than the retention")
        } else {
            draft.recordedAt = time
        }
    }

    private func number(_ value: Double, of member: FixMember, _ draft: inout FixDraft) {
        switch member {
        case .latitude: draft.set(\.latitude, member, value, in: -90...90)
        case .longitude: draft.set(\.longitude, member, value, in: -180...180)
        case .speed: draft.set(\.speed, member, value, in: 0...500)
        case .heading: draft.set(\.heading, member, value, in: 0...360)
        case .altitude: draft.set(\.altitude, member, value, in: Self.finite)
        case .accuracy: draft.set(\.accuracy, member, value, in: Self.finite)
        case .vehicleID, .recordedAt, .attributes: break
        }
    }

    private static let finite = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
}
