internal import TextFormats

/// The id of a fleet.
package typealias FleetID = Identifier<IdentifierSubject.Fleet>
/// The id of a vehicle, unique in its fleet.
package typealias VehicleID = Identifier<IdentifierSubject.Vehicle>
/// The id of a partner.
package typealias PartnerID = Identifier<IdentifierSubject.Partner>

/// The kinds of things that ids name, as types, so that a fleet's id cannot be used as a vehicle's.
package enum IdentifierSubject {
    package enum Fleet {}
    package enum Vehicle {}
    package enum Partner {}
}

/// A public id: `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`.
package struct Identifier<Subject>: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let rawValue: String

    /// - Returns: nil when `string` does not have the form of an id.
    package init?(_ string: String) {
        guard IdentifierForm.accepts(string.utf8) else { return nil }
        rawValue = string
    }

    package var description: String { rawValue }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// The form of every public id. All of it is ASCII that needs no escaping in JSON.
enum IdentifierForm {
    static let maximumLength = 64

    static func accepts(_ bytes: some Sequence<UInt8>) -> Bool {
        var length = 0
        for byte in bytes {
            guard byte.isASCIIAlphanumeric || (length > 0 && isInnerPunctuation(byte)) else { return false }
            length += 1
            guard length <= maximumLength else { return false }
        }
        return length > 0
    }

    private static func isInnerPunctuation(_ byte: UInt8) -> Bool {
        byte == 0x2E || byte == 0x5F || byte == 0x2D
    }
}
