import Foundation

/// What the server says of an accepted POST (202).
package struct IngestAnswer: Equatable, Sendable {
    package var accepted: Int
    package var duplicates: Int
    /// One sentence per rejected fix: `/fixes/3/lat: ...`.
    package var rejections: [String]

    package init(accepted: Int = 0, duplicates: Int = 0, rejections: [String] = []) {
        self.accepted = accepted
        self.duplicates = duplicates
        self.rejections = rejections
    }

    /// - Returns: nil when `body` is not the answer that ingest documents.
    init?(body: [UInt8]) {
        guard let wire = try? JSONDecoder().decode(Wire.self, from: Data(body)) else { return nil }
        self.init(
            accepted: wire.accepted, duplicates: wire.duplicates,
            rejections: (wire.rejected ?? []).map { fix in
                let errors = (fix.errors ?? []).map { "\($0.pointer ?? fix.pointer): \($0.detail)" }
                return errors.isEmpty ? fix.pointer : errors.joined(separator: "; ")
            })
    }

    private struct Wire: Decodable {
        var accepted: Int
        var duplicates: Int
        var rejected: [RejectedFix]?
    }

    private struct RejectedFix: Decodable {
        var pointer: String
        var errors: [FieldProblem]?
    }
}

/// One entry of `errors`.
private struct FieldProblem: Decodable {
    var pointer: String?
    var detail: String
}

/// A problem document (RFC 9457), as far as a person needs it.
struct ProblemAnswer: Equatable {
    var detail: String
    var errors: [String]

    /// Never fails: whatever cannot be read is left out.
    init(body: [UInt8]) {
        let wire = try? JSONDecoder().decode(Wire.self, from: Data(body))
        detail = wire?.detail ?? wire?.title ?? "no details were given"
        errors = (wire?.errors ?? []).map { "\($0.pointer ?? ""): \($0.detail)" }
    }

    private struct Wire: Decodable {
        var title: String?
        var detail: String?
        var errors: [FieldProblem]?
    }
}
