/// What is known of a POST beside its fixes.
package struct IngestPost: Sendable, Equatable {
    package var partnerID: PartnerID?
    /// The `webhook-id` as sent.
    package var webhookID: String?
    package var receivedAt: Timestamp
    /// The length of the body as sent.
    package var bodyBytes: Int
    /// The SHA-256 of the body as sent.
    package var bodyHash: [UInt8]?
    /// From when on the time counts that the POST may take, by the recorder's clock, when it had to wait already; nil
    /// for just now.
    package var since: ContinuousClock.Instant?

    package init(
        partnerID: PartnerID?, webhookID: String?, receivedAt: Timestamp, bodyBytes: Int,
        bodyHash: [UInt8]? = nil, since: ContinuousClock.Instant? = nil
    ) {
        self.partnerID = partnerID
        self.webhookID = webhookID
        self.receivedAt = receivedAt
        self.bodyBytes = bodyBytes
        self.bodyHash = bodyHash
        self.since = since
    }
}

/// What became of a POST; everything accepted is durable.
package struct IngestReceipt: Sendable, Equatable {
    package var postID: PostID
    package var accepted: Int
    package var duplicates: Int
    /// In the order of the body.
    package var rejected: [RejectedFix]
    /// The unknown members' names.
    package var ignored: [String]

    package init(
        postID: PostID, accepted: Int, duplicates: Int, rejected: [RejectedFix], ignored: [String]
    ) {
        self.postID = postID
        self.accepted = accepted
        self.duplicates = duplicates
        self.rejected = rejected
        self.ignored = ignored
    }

    /// The answer's body: `{"accepted":n,"duplicates":n,"rejected":[...],"ignored":[...]}`.
    package func encode() -> [UInt8] {
        var output: [UInt8] = []
        JSONWriter.append(raw: "{\"accepted\":", to: &output)
        JSONWriter.append(accepted, to: &output)
        JSONWriter.append(raw: ",\"duplicates\":", to: &output)
        JSONWriter.append(duplicates, to: &output)
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
    package func append(to output: inout [UInt8]) {
        JSONWriter.append(raw: "{\"pointer\":", to: &output)
        JSONWriter.append(pointer, to: &output)
        JSONWriter.append(raw: ",\"errors\":[", to: &output)
        JSONWriter.appendList(errors, to: &output) { $0.append(to: &$1) }
        JSONWriter.append(raw: "]}", to: &output)
    }
}

extension FieldError {
    /// Appends `{"pointer":"/fixes/3/lat","detail":"..."}`.
    package func append(to output: inout [UInt8]) {
        JSONWriter.append(raw: "{\"pointer\":", to: &output)
        JSONWriter.append(pointer, to: &output)
        JSONWriter.append(raw: ",\"detail\":", to: &output)
        JSONWriter.append(detail, to: &output)
        output.append(UInt8(ascii: "}"))
    }
}

extension JSONWriter {
    /// Appends elements with commas between them.
    static func appendList<Element>(
        _ elements: [Element], to output: inout [UInt8], _ append: (Element, inout [UInt8]) -> Void
    ) {
        for (index, element) in elements.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            append(element, &output)
        }
    }
}
