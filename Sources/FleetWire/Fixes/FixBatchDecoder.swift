package import HarborFleet
internal import TextFormats

/// Decodes the body of a POST of fixes: `{"fleet_id":"...","fixes":[...]}`.
///
/// ```swift
/// let batch = try FixBatchDecoder.decode(body.span, rules: FixRules(now: clock.now()))
/// ```
package struct FixBatchDecoder {
    private var reader: JSONReader
    private var ignored: IgnoredNames
    private var fixes: [NumberedFix] = []
    private var rejected: [RejectedFix] = []
    private let fixDecoder: FixDecoder
    private let rules: FixRules

    /// Decodes a whole body. The cost is linear in its length.
    ///
    /// A body that is not JSON is `.malformed`, even if the syntax error comes after an invalid fix. A byte order
    /// mark at the start is ignored.
    ///
    /// Two parsers may interpret an object differently when it has two members of the same name. So such a body is
    /// malformed, and such a fix is rejected, also when the repeated name is in its attributes. Names may repeat
    /// inside values that are not decoded.
    package static func decode(
        _ body: Span<UInt8>, rules: FixRules
    ) throws(FixBatchError) -> FixBatch {
        var decoder = FixBatchDecoder(rules: rules)
        let shapeError: FieldError?
        do throws(JSONError) {
            shapeError = try decoder.body(body)
        } catch {
            let place = JSONPointer.place(of: error, in: body)
            throw .malformed(
                offset: error.offset, error: FieldError(pointer: place, detail: error.reason.rawValue))
        }
        if let shapeError { throw .invalid(shapeError) }
        guard !decoder.fixes.isEmpty else {
            throw .allRejected(decoder.rejected, ignored: decoder.ignored.names)
        }
        return FixBatch(fixes: decoder.fixes, rejected: decoder.rejected, ignored: decoder.ignored.names)
    }

    private init(rules: FixRules) {
        reader = JSONReader(depthLimit: rules.depthLimit)
        ignored = IgnoredNames(limit: rules.maximumIgnoredNames)
        fixDecoder = FixDecoder(rules: rules)
        self.rules = rules
    }

    /// - Returns: the error in the shape of a body that is valid JSON; nil when there is none.
    private mutating func body(_ bytes: Span<UInt8>) throws(JSONError) -> FieldError? {
        reader.skipByteOrderMark(bytes)
        guard try reader.peek(bytes) == UInt8(ascii: "{") else {
            try reader.skipValue(bytes)
            try reader.expectEnd(bytes)
            return FieldError(pointer: "", detail: "must be an object")
        }
        var shapeError: FieldError? = FieldError(pointer: "/fixes", detail: "is missing")
        var fleetError = rules.requiresFleetID ? Self.fleetError("is missing") : nil
        var names = JSONMemberNames()
        var first = true
        try reader.open(UInt8(ascii: "{"), bytes)
        while try reader.hasNext(UInt8(ascii: "}"), first: first, bytes) {
            first = false
            let start = reader.position
            let name = try reader.memberName(bytes)
            guard names.insert(name.content(bytes)) else {
                throw JSONError(offset: start, reason: .duplicateMember)
            }
            if name.equals("fixes", bytes) {
                shapeError = try array(bytes)
            } else if name.equals("fleet_id", bytes) {
                fleetError = try fleet(bytes)
            } else {
                ignored.insert(name, bytes)
                try reader.skipValue(bytes)
            }
        }
        try reader.expectEnd(bytes)
        // This error comes first, because correcting the fixes does not help a body that was sent to the wrong
        // fleet.
        return fleetError ?? shapeError
    }

    /// Null counts as absent, as for each optional member.
    private mutating func fleet(_ bytes: Span<UInt8>) throws(JSONError) -> FieldError? {
        switch try reader.peek(bytes) {
        case UInt8(ascii: "\""):
            let name = try reader.string(bytes)
            guard let fleetID = rules.fleetID, !name.equals(fleetID.rawValue, bytes) else { return nil }
            return Self.fleetError("must be the fleet that the path names")
        case UInt8(ascii: "n"):
            try reader.literal("null", bytes)
            return rules.requiresFleetID ? Self.fleetError("is missing") : nil
        default:
            try reader.skipValue(bytes)
            return Self.fleetError("must be a string")
        }
    }

    private static func fleetError(_ detail: String) -> FieldError {
        FieldError(pointer: "/fleet_id", detail: detail)
    }

    private mutating func array(_ bytes: Span<UInt8>) throws(JSONError) -> FieldError? {
        guard try reader.peek(bytes) == UInt8(ascii: "[") else {
            try reader.skipValue(bytes)
            return FieldError(pointer: "/fixes", detail: "must be an array")
        }
        var count = 0
        try reader.open(UInt8(ascii: "["), bytes)
        while try reader.hasNext(UInt8(ascii: "]"), first: count == 0, bytes) {
            if count < rules.maximumFixes {
                try element(count, bytes)
            } else {
                try reader.skipValue(bytes)
            }
            count &+= 1
        }
        return shapeError(count: count)
    }

    private func shapeError(count: Int) -> FieldError? {
        guard count > 0 else { return FieldError(pointer: "/fixes", detail: "must not be empty") }
        guard count > rules.maximumFixes else { return nil }
        return FieldError(pointer: "/fixes", detail: "must not hold more than \(rules.maximumFixes) fixes")
    }

    private mutating func element(_ ordinal: Int, _ bytes: Span<UInt8>) throws(JSONError) {
        var draft = try fixDecoder.decode(&reader, bytes, ordinal: ordinal, ignored: &ignored)
        if let fix = draft.finished() {
            fixes.append(NumberedFix(ordinal: ordinal, fix: fix))
        } else {
            rejected.append(RejectedFix(ordinal: ordinal, errors: draft.errors))
        }
    }
}
