import FleetWire
import Foundation
import TextFormats

@testable import HarborFleet

/// What the fix decoder takes keeps the rules and reads the same when it is written anew; what it calls malformed
/// Foundation's JSON reader calls so too, but for what only we refuse; and numbers are those of the standard
/// library.
enum FixBatchFuzz {
    /// Small limits, so that short inputs reach them.
    private static let rules = {
        var rules = FixRules(now: Timestamp(milliseconds: 1_795_194_000_000))
        rules.maximumFixes = 4
        rules.maximumAttributeBytes = 64
        rules.maximumIgnoredNames = 3
        rules.depthLimit = 6
        rules.fleetID = FleetID("f")
        return rules
    }()

    static func check(_ bytes: [UInt8]) {
        checkNumber(bytes)
        checkByteOrderMark(bytes)
        do throws(FixBatchError) {
            let batch = try FixBatchDecoder.decode(bytes.span, rules: rules)
            checkValidity(bytes, nil)
            checkRules(batch)
            checkRoundTrip(batch)
        } catch {
            check(error, bytes)
        }
    }

    private static func checkNumber(_ bytes: [UInt8]) {
        var reader = JSONReader(depthLimit: 1)
        guard let number = try? reader.number(bytes.span) else { return }
        let text = String(decoding: bytes[number.range], as: UTF8.self)
        require(number.value == Double(text) ?? .infinity, "\(number.value) from \(text)")
        var written: [UInt8] = []
        JSONWriter.append(number.value, to: &written)
        let again = Double(String(decoding: written, as: UTF8.self))
        require(again == number.value || number.value.isInfinite, "\(number.value) written")
    }

    /// A mark in front changes nothing but the offsets.
    private static func checkByteOrderMark(_ bytes: [UInt8]) {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        guard !bytes.starts(with: mark) else { return }
        require(outcome(mark + bytes, offset: -mark.count) == outcome(bytes, offset: 0), "byte order mark")
    }

    private static func outcome(_ bytes: [UInt8], offset: Int) -> Result<FixBatch, FixBatchError> {
        do throws(FixBatchError) {
            return .success(try FixBatchDecoder.decode(bytes.span, rules: rules))
        } catch {
            guard case .malformed(let place, let field) = error else { return .failure(error) }
            return .failure(.malformed(offset: place + offset, error: field))
        }
    }

    private static func check(_ error: FixBatchError, _ bytes: [UInt8]) {
        switch error {
        case .malformed(let offset, let error):
            require((0...bytes.count).contains(offset), "offset")
            // Not `hasPrefix`: a name may begin with a mark that combines with the solidus.
            let solidus = error.pointer.utf8.first ?? UInt8(ascii: "/")
            require(solidus == UInt8(ascii: "/"), "pointer \(error.pointer)")
            checkValidity(bytes, (offset, error.detail))
        case .invalid: checkValidity(bytes, nil)
        case .allRejected(let rejected, let ignored):
            checkValidity(bytes, nil)
            require((1...rules.maximumFixes).contains(rejected.count), "rejected")
            require(ignored.count <= rules.maximumIgnoredNames, "ignored")
            require(rejected.allSatisfy { !$0.errors.isEmpty }, "rejected without a reason")
        }
    }

    private static func checkRules(_ batch: FixBatch) {
        let ordinals = (batch.fixes.map(\.ordinal) + batch.rejected.map(\.ordinal)).sorted()
        require(ordinals == Array(0..<ordinals.count), "ordinals \(ordinals)")
        require(!batch.fixes.isEmpty && ordinals.count <= rules.maximumFixes, "count")
        require(batch.ignored.count <= rules.maximumIgnoredNames, "ignored")
        require(Set(batch.ignored).count == batch.ignored.count, "ignored twice")
        for fix in batch.fixes.map(\.fix) { checkRules(fix) }
    }

    private static func checkRules(_ fix: Fix) {
        require(VehicleID(fix.vehicleID.rawValue) == fix.vehicleID, "vehicle")
        require((-90...90).contains(fix.latitudeDegrees), "latitude")
        require((-180...180).contains(fix.longitudeDegrees), "longitude")
        require((0...500).contains(fix.speedMetersPerSecond ?? 0), "speed")
        require((0..<360).contains(fix.headingDegrees ?? 0), "heading")
        require((fix.altitudeMeters ?? 0).isFinite && (fix.accuracyMeters ?? 0).isFinite, "finite")
        require(fix.recordedAt <= rules.now.advanced(by: rules.clockTolerance), "too new")
        require(fix.recordedAt >= rules.now.advanced(by: .zero - rules.retention), "too old")
        require((fix.attributes ?? []).count <= rules.maximumAttributeBytes, "attributes")
    }

    private static func checkRoundTrip(_ batch: FixBatch) {
        let body = WrittenFixes.body(batch.fixes.map(\.fix))
        let again = try? FixBatchDecoder.decode(body.span, rules: rules)
        require(again?.fixes.map(\.fix) == batch.fixes.map(\.fix), String(decoding: body, as: UTF8.self))
        require(again?.rejected == [] && again?.ignored == [], "round trip")
    }

    private static func checkValidity(_ bytes: [UInt8], _ malformed: (offset: Int, detail: String)?) {
        // Foundation takes UTF-16 and UTF-32 too, and guesses them by zeros and marks at the start. What a mark of UTF-8
        // changes is in `checkByteOrderMark`.
        guard !bytes.prefix(4).contains(0), !bytes.starts(with: [0xEF, 0xBB, 0xBF]), bytes.first ?? 0 < 0xFE
        else { return }
        if let malformed, isRefusedByUsAlone(malformed, bytes) { return }
        let complaint = FoundationJSON.complaint(bytes)
        // It stops at a number beyond a Double's range, which is not ours to judge before its member is known.
        if let complaint, complaint.contains("is not representable") { return }
        require(
            (malformed == nil) == (complaint == nil),
            "ours: \(malformed?.detail ?? "fine"), Foundation: \(complaint ?? "fine")")
    }

    /// Depth and repeated names of the body are our own rules; and Foundation lets a comma stand before a closing brace or
    /// bracket, which RFC 8259 does not.
    private static func isRefusedByUsAlone(
        _ malformed: (offset: Int, detail: String), _ bytes: [UInt8]
    ) -> Bool {
        let rules: [JSONError.Reason] = [.tooDeep, .duplicateMember]
        if rules.contains(where: { $0.rawValue == malformed.detail }) { return true }
        let isClosing = bytes[malformed.offset...].first.map { "}]".utf8.contains($0) } ?? false
        let before = bytes[..<malformed.offset].last { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        return isClosing && before == UInt8(ascii: ",")
    }
}

/// Writes fixes as a partner would.
private enum WrittenFixes {
    static func body(_ fixes: [Fix]) -> [UInt8] {
        var body = Array(#"{"fixes":["#.utf8)
        for (index, fix) in fixes.enumerated() {
            if index > 0 { body += Array(",".utf8) }
            append(fix, to: &body)
        }
        return body + Array("]}".utf8)
    }

    private static func append(_ fix: Fix, to body: inout [UInt8]) {
        JSONWriter.append(raw: #"{"vehicle_id":"#, to: &body)
        JSONWriter.append(fix.vehicleID.rawValue, to: &body)
        JSONWriter.append(raw: #","recorded_at":"#, to: &body)
        JSONWriter.append(fix.recordedAt, to: &body)
        append(#","lat":"#, fix.latitudeDegrees, to: &body)
        append(#","lng":"#, fix.longitudeDegrees, to: &body)
        append(#","speed_mps":"#, fix.speedMetersPerSecond, to: &body)
        append(#","heading_deg":"#, fix.headingDegrees, to: &body)
        append(#","altitude_m":"#, fix.altitudeMeters, to: &body)
        append(#","accuracy_m":"#, fix.accuracyMeters, to: &body)
        if let attributes = fix.attributes { body += Array(#","attributes":"#.utf8) + attributes }
        body += Array("}".utf8)
    }

    private static func append(_ name: String, _ value: Double?, to body: inout [UInt8]) {
        guard let value else { return }
        JSONWriter.append(raw: name, to: &body)
        JSONWriter.append(value, to: &body)
    }
}

private enum FoundationJSON {
    /// What Foundation finds wrong with a JSON text; nil when nothing is.
    static func complaint(_ bytes: [UInt8]) -> String? {
        do {
            _ = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
            return nil
        } catch {
            return "\((error as NSError).userInfo)"
        }
    }
}
