package import HarborFleet
package import TextFormats

extension JSONWriter {
    /// Appends a time as a JSON string with quotes.
    package static func append(_ timestamp: Timestamp, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        RFC3339.append(milliseconds: timestamp.milliseconds, to: &output)
        output.append(UInt8(ascii: "\""))
    }

    /// Appends the numeric members of a fix, each preceded by a comma. Absent values are left out.
    package static func appendMeasures(of fix: Fix, to output: inout [UInt8]) {
        append(",\"lat\":", fix.latitudeDegrees, to: &output)
        append(",\"lng\":", fix.longitudeDegrees, to: &output)
        append(",\"speed_mps\":", fix.speedMetersPerSecond, to: &output)
        append(",\"heading_deg\":", fix.headingDegrees, to: &output)
        append(",\"altitude_m\":", fix.altitudeMeters, to: &output)
        append(",\"accuracy_m\":", fix.accuracyMeters, to: &output)
    }

    /// Appends the member `attributes`, preceded by a comma, if the fix has any.
    package static func appendAttributes(of fix: Fix, to output: inout [UInt8]) {
        guard let attributes = fix.attributes else { return }
        append(raw: ",\"attributes\":", to: &output)
        output.append(contentsOf: attributes)
    }

    /// JSON cannot express infinite values and NaN, so they are left out too. The decoder and the store accept
    /// none.
    private static func append(_ name: String, _ value: Double?, to output: inout [UInt8]) {
        guard let value, value.isFinite else { return }
        append(raw: name, to: &output)
        append(value, to: &output)
    }

    // Each of the following appends a member: its name with the punctuation around it, and its value.

    static func append(_ name: String, _ value: String, to output: inout [UInt8]) {
        append(raw: name, to: &output)
        append(value, to: &output)
    }

    static func append(_ name: String, identifier: String, to output: inout [UInt8]) {
        append(raw: name, to: &output)
        append(identifier: identifier, to: &output)
    }

    /// - Parameter value: must not be negative.
    static func append(_ name: String, _ value: some BinaryInteger, to output: inout [UInt8]) {
        append(raw: name, to: &output)
        append(UInt64(truncatingIfNeeded: value), to: &output)
    }

    static func append(_ name: String, _ value: Timestamp, to output: inout [UInt8]) {
        append(raw: name, to: &output)
        append(value, to: &output)
    }
}
