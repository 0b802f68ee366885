internal import HarborFleet
internal import TextFormats

/// Comma-separated values with a header (RFC 4180), one line per fix; unknown values are empty. Attributes are
/// written as their JSON text. The format has no place for a cursor: a client that got as many lines as the limit
/// continues with `from`, one millisecond after the last line's `recorded_at`.
struct TrackCSV: TrackWriter {
    private static let header =
        "recorded_at,received_at,lat,lng,speed_mps,heading_deg,altitude_m,accuracy_m,attributes\r\n"

    func begin(count: Int, to output: inout [UInt8]) {
        JSONWriter.append(raw: Self.header, to: &output)
    }

    func append(_ stored: StoredFix, to output: inout [UInt8]) {
        let fix = stored.fix
        RFC3339.append(milliseconds: fix.recordedAt.milliseconds, to: &output)
        output.append(UInt8(ascii: ","))
        RFC3339.append(milliseconds: stored.receivedAt.milliseconds, to: &output)
        append(fix.latitudeDegrees, to: &output)
        append(fix.longitudeDegrees, to: &output)
        append(fix.speedMetersPerSecond, to: &output)
        append(fix.headingDegrees, to: &output)
        append(fix.altitudeMeters, to: &output)
        append(fix.accuracyMeters, to: &output)
        output.append(UInt8(ascii: ","))
        if let attributes = fix.attributes { append(quoted: attributes, to: &output) }
        JSONWriter.append(raw: "\r\n", to: &output)
    }

    func appendEnd(next: TrackCursor?, to output: inout [UInt8]) -> Bool { true }

    private func append(_ value: Double?, to output: inout [UInt8]) {
        output.append(UInt8(ascii: ","))
        if let value { JSONWriter.append(value, to: &output) }
    }

    /// Appends text in quotes; a quote inside it is doubled.
    private func append(quoted text: [UInt8], to output: inout [UInt8]) {
        let quote = UInt8(ascii: "\"")
        output.append(quote)
        for byte in text {
            if byte == quote { output.append(quote) }
            output.append(byte)
        }
        output.append(quote)
    }
}
