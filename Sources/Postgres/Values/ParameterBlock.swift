/// The encoded parameters of a statement: one buffer of bytes, and the range of each parameter in it.
///
/// The block is made on the caller's thread, so that the loop only passes pointers to libpq.
struct ParameterBlock: Sendable {
    private(set) var types: [UInt32] = []
    private(set) var bytes: [UInt8] = []
    /// nil for NULL.
    private(set) var ranges: [Range<Int>?] = []

    init(_ values: [PostgresValue]) {
        types.reserveCapacity(values.count)
        ranges.reserveCapacity(values.count)
        for value in values { append(value) }
    }

    private mutating func append(_ value: PostgresValue) {
        switch value {
        case .null: appendNull()
        case .text(let text): scalar(TypeOID.text) { $0.append(contentsOf: text.utf8) }
        case .utf8(let text): scalar(TypeOID.text) { $0.append(contentsOf: text) }
        case .bytes(let bytes): scalar(TypeOID.bytea) { $0.append(contentsOf: bytes) }
        case .int4(let number): scalar(TypeOID.int4) { $0.appendBigEndian(number) }
        case .int8(let number): scalar(TypeOID.int8) { $0.appendBigEndian(number) }
        case .float8(let number): scalar(TypeOID.float8) { $0.appendBigEndian(number.bitPattern) }
        case .bool(let truth): scalar(TypeOID.bool) { $0.append(truth ? 1 : 0) }
        case .timestamptz(let time):
            scalar(TypeOID.timestamptz) {
                $0.appendBigEndian(TimestampFormat.microseconds(milliseconds: time))
            }
        case .uuid(let number): scalar(TypeOID.uuid) { $0.appendBigEndian(number) }
        case .textArray, .utf8Array, .bytesArray, .boolArray, .int4Array, .int8Array, .float8Array,
            .timestamptzArray, .uuidArray:
            appendArray(value)
        }
    }

    private mutating func appendArray(_ value: PostgresValue) {
        switch value {
        case .textArray(let texts):
            array(TypeOID.textArray, of: TypeOID.text, texts) { $0.append(contentsOf: $1.utf8) }
        case .utf8Array(let texts):
            array(TypeOID.textArray, of: TypeOID.text, texts) { $0.append(contentsOf: $1) }
        case .bytesArray(let values):
            array(TypeOID.bytesArray, of: TypeOID.bytea, values) { $0.append(contentsOf: $1) }
        case .boolArray(let truths):
            array(TypeOID.boolArray, of: TypeOID.bool, truths) { $0.append($1 ? 1 : 0) }
        case .int4Array(let numbers):
            array(TypeOID.int4Array, of: TypeOID.int4, numbers) { $0.appendBigEndian($1) }
        case .int8Array(let numbers):
            array(TypeOID.int8Array, of: TypeOID.int8, numbers) { $0.appendBigEndian($1) }
        case .float8Array(let numbers):
            array(TypeOID.float8Array, of: TypeOID.float8, numbers) { $0.appendBigEndian($1.bitPattern) }
        case .timestamptzArray(let times):
            array(TypeOID.timestamptzArray, of: TypeOID.timestamptz, times) {
                $0.appendBigEndian(TimestampFormat.microseconds(milliseconds: $1))
            }
        case .uuidArray(let values):
            array(TypeOID.uuidArray, of: TypeOID.uuid, values) { $0.appendBigEndian($1) }
        case .null, .text, .utf8, .bytes, .int4, .int8, .float8, .bool, .timestamptz, .uuid:
            append(value)
        }
    }

    private mutating func appendNull() {
        types.append(TypeOID.unknown)
        ranges.append(nil)
    }

    private mutating func scalar(_ type: UInt32, _ write: (inout [UInt8]) -> Void) {
        let start = bytes.count
        write(&bytes)
        types.append(type)
        ranges.append(start..<bytes.count)
    }

    /// The array format of `array_recv`: dimensions, has-null flag, element type, length, lower bound, elements
    /// each with its length (-1 for NULL). An empty array has no dimension.
    private mutating func array<Element>(
        _ type: UInt32, of elementType: UInt32, _ elements: [Element?],
        _ write: (inout [UInt8], Element) -> Void
    ) {
        scalar(type) { bytes in
            bytes.appendBigEndian(Int32(elements.isEmpty ? 0 : 1))
            bytes.appendBigEndian(Int32(elements.contains { $0 == nil } ? 1 : 0))
            bytes.appendBigEndian(elementType)
            guard !elements.isEmpty else { return }
            bytes.appendBigEndian(Int32(truncatingIfNeeded: elements.count))
            bytes.appendBigEndian(Int32(1))
            for element in elements { bytes.appendSized(element, write) }
        }
    }
}

extension [UInt8] {
    /// Appends the number in network order.
    mutating func appendBigEndian(_ number: some FixedWidthInteger) {
        // The bytes belong to a local copy, and are copied before the closure ends.
        unsafe Swift.withUnsafeBytes(of: number.bigEndian) { unsafe append(contentsOf: $0) }
    }

    /// Appends the length of the bytes that `write` appends, and then these bytes; -1 for nil.
    fileprivate mutating func appendSized<Value>(
        _ element: Value?, _ write: (inout [UInt8], Value) -> Void
    ) {
        guard let element else { return appendBigEndian(Int32(-1)) }
        let start = count
        appendBigEndian(Int32(0))
        write(&self, element)
        let length = UInt32(truncatingIfNeeded: count - start - 4)
        for index in 0..<4 {
            self[start + index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * index))
        }
    }
}
