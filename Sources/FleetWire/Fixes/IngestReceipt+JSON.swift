package import HarborFleet
internal import TextFormats

extension IngestReceipt {
    /// The body of the response: `{"accepted":n,"duplicates":n,"rejected":[...],"ignored":[...]}`.
    package func encode() -> [UInt8] {
        var output: [UInt8] = []
        JSONWriter.append("{\"accepted\":", accepted, to: &output)
        JSONWriter.append(",\"duplicates\":", duplicates, to: &output)
        JSONWriter.append(raw: ",\"rejected\":[", to: &output)
        JSONWriter.appendList(rejected, to: &output) { $0.append(to: &$1) }
        JSONWriter.append(raw: "],\"ignored\":[", to: &output)
        JSONWriter.appendList(ignored, to: &output) { JSONWriter.append($0, to: &$1) }
        JSONWriter.append(raw: "]}", to: &output)
        return output
    }
}

extension RejectedFix {
    /// Appends `{"pointer":"/fixes/3","errors":[...]}`.
    fileprivate func append(to output: inout [UInt8]) {
        JSONWriter.append("{\"pointer\":", pointer, to: &output)
        JSONWriter.append(raw: ",\"errors\":[", to: &output)
        JSONWriter.appendList(errors, to: &output) { $0.append(to: &$1) }
        JSONWriter.append(raw: "]}", to: &output)
    }
}

extension FieldError {
    /// Appends `{"pointer":"/fixes/3/lat","detail":"..."}`.
    fileprivate func append(to output: inout [UInt8]) {
        JSONWriter.append("{\"pointer\":", pointer, to: &output)
        JSONWriter.append(",\"detail\":", detail, to: &output)
        output.append(UInt8(ascii: "}"))
    }
}
