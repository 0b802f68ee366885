import Foundation

/// The server's result for the fixes of a POST: accepted (202), or none of them valid (422).
struct IngestResponse: Equatable, Sendable {
    /// A fix that was not accepted.
    struct Rejection: Equatable, Sendable {
        /// Its index among the POST's fixes; nil when the server gave none.
        var index: Int?
        /// `recorded_at: must not be older than the retention`, several joined by `; `.
        var detail: String
    }

    var accepted = 0
    var duplicates = 0
    var rejections: [Rejection] = []
    /// Whether none is valid. The server may then list only the first ones.
    var isNoneValid = false
}

extension IngestResponse {
    /// - Parameter body: the body of a 202.
    /// - Returns: nil when it is not the response that the API documents.
    init?(body: [UInt8]) {
        guard let wire = try? JSONDecoder().decode(Wire.self, from: Data(body)) else { return nil }
        self.init(
            accepted: wire.accepted, duplicates: wire.duplicates,
            rejections: (wire.rejected ?? []).map { fix in
                Rejection(FixPointer(fix.pointer)?.index, fix.errors ?? [])
            })
    }

    /// - Parameter problem: the problem of a 422.
    /// - Returns: nil when the problem is not only about fixes: then sending others would not help.
    init?(problem: ProblemDocument) {
        let byFix = Dictionary(grouping: problem.errors) { $0.fix?.index }
        guard !byFix.isEmpty, byFix[nil] == nil else { return nil }
        self.init(
            rejections: byFix.map { Rejection($0.key, $0.value) }.sorted {
                ($0.index ?? 0) < ($1.index ?? 0)
            },
            isNoneValid: true)
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

extension IngestResponse.Rejection {
    init(_ index: Int?, _ errors: [FieldProblem]) {
        self.index = index
        detail = errors.isEmpty ? "no reason was given" : errors.map(\.sentenceInFix).joined(separator: "; ")
    }
}
