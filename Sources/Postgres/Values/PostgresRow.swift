/// One row of a result. Columns count from 0.
package struct PostgresRow: Sendable {
    let result: ResultHandle
    let index: Int

    /// Whether the field is NULL.
    package func isNull(_ column: Int) throws(PostgresError) -> Bool {
        try unsafe field(column, []) { bytes in unsafe bytes == nil }
    }

    /// Text of any type; a jsonb must be selected as `::text`.
    package func string(_ column: Int) throws(PostgresError) -> String {
        try present(try optionalString(column), column)
    }

    package func optionalString(_ column: Int) throws(PostgresError) -> String? {
        try unsafe field(column, Self.textTypes) { bytes in
            unsafe bytes.map { unsafe String(decoding: $0, as: UTF8.self) }
        }
    }

    /// The bytes of a bytea or a text.
    package func bytes(_ column: Int) throws(PostgresError) -> [UInt8] {
        try present(try optionalBytes(column), column)
    }

    package func optionalBytes(_ column: Int) throws(PostgresError) -> [UInt8]? {
        try unsafe field(column, Self.byteTypes) { bytes in
            unsafe bytes.map { unsafe [UInt8]($0) }
        }
    }

    package func bool(_ column: Int) throws(PostgresError) -> Bool {
        try present(try integer(column, [TypeOID.bool]), column) != 0
    }

    /// An integer of 2, 4 or 8 bytes.
    package func int64(_ column: Int) throws(PostgresError) -> Int64 {
        try present(try optionalInt64(column), column)
    }

    package func optionalInt64(_ column: Int) throws(PostgresError) -> Int64? {
        try integer(column, [TypeOID.int8, TypeOID.int4, TypeOID.int2, TypeOID.oid])
    }

    package func double(_ column: Int) throws(PostgresError) -> Double {
        try present(try optionalDouble(column), column)
    }

    package func optionalDouble(_ column: Int) throws(PostgresError) -> Double? {
        guard let bits = try integer(column, [TypeOID.float8, TypeOID.float4]) else { return nil }
        guard result.type(column: column) == TypeOID.float4 else {
            return Double(bitPattern: UInt64(bitPattern: bits))
        }
        return Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    }

    /// A timestamptz in milliseconds since 1970-01-01T00:00:00Z, rounded down.
    package func milliseconds(_ column: Int) throws(PostgresError) -> Int64 {
        try present(try optionalMilliseconds(column), column)
    }

    package func optionalMilliseconds(_ column: Int) throws(PostgresError) -> Int64? {
        try integer(column, [TypeOID.timestamptz]).map(TimestampFormat.milliseconds(microseconds:))
    }

    /// A one-dimensional boolean[]; NULL elements are left out.
    package func boolArray(_ column: Int) throws(PostgresError) -> [Bool] {
        try elements(column, TypeOID.boolArray).map { $0.first == 1 }
    }

    /// A one-dimensional text[]; NULL elements are left out.
    package func stringArray(_ column: Int) throws(PostgresError) -> [String] {
        try elements(column, TypeOID.textArray).map { String(decoding: $0, as: UTF8.self) }
    }

    private func elements(_ column: Int, _ type: UInt32) throws(PostgresError) -> [ArraySlice<UInt8>] {
        let raw = try unsafe field(column, [type]) { bytes in unsafe bytes.map { unsafe [UInt8]($0) } }
        guard let elements = ArrayDecoder.elements(try present(raw, column)) else { throw mismatch(column) }
        return elements
    }

    /// The 16 bytes of a uuid as one number, the first byte the highest.
    package func uuid(_ column: Int) throws(PostgresError) -> UInt128 {
        let number = try unsafe field(column, [TypeOID.uuid]) { bytes in
            unsafe bytes.map { unsafe $0.reduce(UInt128(0)) { $0 << 8 | UInt128($1) } }
        }
        return try present(number, column)
    }

    private static let textTypes = [TypeOID.text, TypeOID.varchar, TypeOID.name, TypeOID.unknown]
    private static let byteTypes = textTypes + [TypeOID.bytea]

    /// A field of a fixed width, up to 8 bytes in network order, sign-extended.
    private func integer(_ column: Int, _ types: [UInt32]) throws(PostgresError) -> Int64? {
        try unsafe field(column, types) { bytes -> Int64? in
            guard let bytes = unsafe bytes, let first = unsafe bytes.first else { return nil }
            let start: Int64 = first >= 128 ? -1 : 0
            return unsafe bytes.reduce(start) { $0 << 8 | Int64($1) }
        }
    }

    /// - Parameter types: the accepted types; any type when empty.
    private func field<Value>(
        _ column: Int, _ types: [UInt32], _ body: (UnsafeRawBufferPointer?) -> Value
    ) throws(PostgresError) -> Value {
        guard index >= 0, index < result.rowCount, column >= 0, column < result.columnCount else {
            throw PostgresError(.decoding, "there is no such row or column")
        }
        guard types.isEmpty || types.contains(result.type(column: column)) else {
            throw mismatch(column)
        }
        return unsafe result.withField(row: index, column: column, body)
    }

    private func present<Value>(_ value: Value?, _ column: Int) throws(PostgresError) -> Value {
        guard let value else { throw PostgresError(.decoding, "column \(column) is unexpectedly NULL") }
        return value
    }

    private func mismatch(_ column: Int) -> PostgresError {
        PostgresError(.decoding, "column \(column) has a different type than requested")
    }
}

/// Reads the array format that `ParameterBlock` writes.
enum ArrayDecoder {
    /// The elements that are not NULL; nil when the bytes are not a one-dimensional array.
    static func elements(_ bytes: [UInt8]) -> [ArraySlice<UInt8>]? {
        guard let dimensions = number(bytes, 0) else { return nil }
        guard dimensions > 0 else { return [] }
        guard dimensions == 1, let count = number(bytes, 12), count >= 0 else { return nil }
        var elements: [ArraySlice<UInt8>] = []
        var offset = 20
        for _ in 0..<count {
            guard let length = number(bytes, offset) else { return nil }
            offset += 4
            guard length >= 0 else { continue }
            guard length <= bytes.count - offset else { return nil }
            elements.append(bytes[offset..<(offset + length)])
            offset += length
        }
        return elements
    }

    private static func number(_ bytes: [UInt8], _ offset: Int) -> Int? {
        guard offset + 4 <= bytes.count else { return nil }
        return Int(bytes[offset..<(offset + 4)].reduce(Int32(0)) { $0 << 8 | Int32($1) })
    }
}
