internal import HarborFleet
internal import TextFormats

/// GPX 1.1 (topografix.com/GPX/1/1): one `trk` with one segment. Each point has its time, and its altitude as `ele`
/// if known. The cursor is in the file's own `extensions`, the last element that the schema allows.
struct TrackGPX: TrackWriter {
    let fleetID: FleetID
    let vehicleID: VehicleID

    func begin(count: Int, to output: inout [UInt8]) {
        append(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <gpx version="1.1" creator="Harbor Fleet" xmlns="http://www.topografix.com/GPX/1/1">
            <trk><name>
            """, to: &output)
        // Ids contain no character that needs escaping in XML.
        output.append(contentsOf: vehicleID.rawValue.utf8)
        append("</name><src>", to: &output)
        output.append(contentsOf: fleetID.rawValue.utf8)
        append("</src><trkseg>\n", to: &output)
    }

    func append(_ stored: StoredFix, to output: inout [UInt8]) {
        let fix = stored.fix
        append("<trkpt lat=\"", to: &output)
        PlainDecimal.append(fix.latitudeDegrees, to: &output)
        append("\" lon=\"", to: &output)
        // The schema allows longitudes below 180 only; -180 is the same meridian.
        PlainDecimal.append(fix.longitudeDegrees == 180 ? -180 : fix.longitudeDegrees, to: &output)
        append("\">", to: &output)
        if let altitude = fix.altitudeMeters {
            append("<ele>", to: &output)
            PlainDecimal.append(altitude, to: &output)
            append("</ele>", to: &output)
        }
        append("<time>", to: &output)
        RFC3339.append(milliseconds: fix.recordedAt.milliseconds, to: &output)
        append("</time></trkpt>\n", to: &output)
    }

    func appendEnd(next: TrackCursor?, to output: inout [UInt8]) -> Bool {
        append("</trkseg></trk>\n", to: &output)
        if let next {
            append("<extensions><next_cursor xmlns=\"urn:harbor-fleet:track\">", to: &output)
            output.append(contentsOf: next.text.utf8)
            append("</next_cursor></extensions>\n", to: &output)
        }
        append("</gpx>\n", to: &output)
        return true
    }

    private func append(_ text: String, to output: inout [UInt8]) {
        JSONWriter.append(raw: text, to: &output)
    }
}

/// Numbers in the form of `xsd:decimal`: without an exponent.
enum PlainDecimal {
    /// Appends the number that `JSONWriter` would append, but without an exponent.
    static func append(_ value: Double, to output: inout [UInt8]) {
        let start = output.count
        JSONWriter.append(value, to: &output)
        guard let mark = output[start...].firstIndex(of: UInt8(ascii: "e")) else { return }
        let exponent = Int(String(decoding: output[(mark + 1)...], as: UTF8.self)) ?? 0
        let digits = output[start..<mark].filter { (0x30...0x39).contains($0) }
        let isNegative = output[start] == UInt8(ascii: "-")
        output.removeSubrange(start...)
        if isNegative { output.append(UInt8(ascii: "-")) }
        append(digits, point: exponent + 1, to: &output)
    }

    /// Appends digits with a decimal point after the first `point` of them, and zeros where digits are missing.
    private static func append(_ digits: [UInt8], point: Int, to output: inout [UInt8]) {
        let zero = UInt8(ascii: "0")
        if point <= 0 {
            output.append(zero)
            output.append(UInt8(ascii: "."))
            output.append(contentsOf: repeatElement(zero, count: -point))
            output.append(contentsOf: digits)
        } else {
            output.append(contentsOf: digits.prefix(point))
            output.append(contentsOf: repeatElement(zero, count: max(point - digits.count, 0)))
            output.append(UInt8(ascii: "."))
            output.append(contentsOf: digits.count > point ? digits[point...] : [zero])
        }
    }
}
