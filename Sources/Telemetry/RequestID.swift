/// The id under which a request is told of in answers and logs.
package enum RequestID {
    /// The client's id when it is sane, else a new one.
    package static func accepting(_ offered: String?) -> String {
        guard let offered, isSane(offered) else { return generate() }
        return offered
    }

    /// Whether an id may be repeated in headers and logs: 1 to 128 of `[A-Za-z0-9._-]`.
    package static func isSane(_ id: String) -> Bool {
        let bytes = id.utf8
        return (1...128).contains(bytes.count) && bytes.allSatisfy(isSane)
    }

    /// A new id: a UUID of version 7.
    package static func generate() -> String { UUIDv7.generate().description }

    private static func isSane(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
