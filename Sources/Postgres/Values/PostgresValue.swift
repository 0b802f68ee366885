/// A parameter of a statement. All parameters are sent in PostgreSQL's binary format; text is UTF-8 in both
/// formats.
package enum PostgresValue: Sendable {
    /// NULL of a type that the server infers from the statement.
    case null
    case text(String)
    /// Text as UTF-8 bytes.
    case utf8([UInt8])
    case bytes([UInt8])
    case int4(Int32)
    case int8(Int64)
    case float8(Double)
    case bool(Bool)
    /// Milliseconds since 1970-01-01T00:00:00Z.
    case timestamptz(milliseconds: Int64)
    /// The 16 bytes as one number, the first byte the highest.
    case uuid(UInt128)
    case textArray([String?])
    /// An array of text whose elements are UTF-8 bytes.
    case utf8Array([[UInt8]?])
    case bytesArray([[UInt8]?])
    case boolArray([Bool?])
    case int4Array([Int32])
    case int8Array([Int64?])
    case float8Array([Double?])
    /// Milliseconds since 1970-01-01T00:00:00Z.
    case timestamptzArray(milliseconds: [Int64?])
    case uuidArray([UInt128])

    /// NULL for nil, otherwise the result of `make`.
    package static func optional<Value>(_ value: Value?, _ make: (Value) -> PostgresValue) -> PostgresValue {
        value.map(make) ?? .null
    }
}

/// The object identifiers of the supported types, as in PostgreSQL's `pg_type.dat`.
enum TypeOID {
    static let unknown: UInt32 = 0
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let name: UInt32 = 19
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let oid: UInt32 = 26
    static let float4: UInt32 = 700
    static let float8: UInt32 = 701
    static let boolArray: UInt32 = 1000
    static let bytesArray: UInt32 = 1001
    static let int4Array: UInt32 = 1007
    static let textArray: UInt32 = 1009
    static let int8Array: UInt32 = 1016
    static let float8Array: UInt32 = 1022
    static let varchar: UInt32 = 1043
    static let timestamptz: UInt32 = 1184
    static let timestamptzArray: UInt32 = 1185
    static let uuid: UInt32 = 2950
    static let uuidArray: UInt32 = 2951
}

/// PostgreSQL's time format: microseconds since 2000-01-01T00:00:00Z.
enum TimestampFormat {
    /// 2000-01-01T00:00:00Z in milliseconds since 1970.
    static let epochMilliseconds: Int64 = 946_684_800_000
    /// The range of a timestamptz, 4714-11-24 BC to 294276-12-31, in milliseconds since 1970.
    static let range: ClosedRange<Int64> = -210_866_803_200_000...9_224_318_015_999_999

    /// Clamped to the range of a timestamptz, so the arithmetic cannot overflow.
    static func microseconds(milliseconds: Int64) -> Int64 {
        (min(max(milliseconds, range.lowerBound), range.upperBound) &- epochMilliseconds) &* 1000
    }

    /// Rounded down. `infinity` and `-infinity` become the ends of the range.
    static func milliseconds(microseconds: Int64) -> Int64 {
        let floored = microseconds >= 0 ? microseconds / 1000 : (microseconds &+ 1) / 1000 &- 1
        return floored &+ epochMilliseconds
    }
}
