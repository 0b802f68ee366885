import Foundation

/// What the server says of the fixes of a POST: accepted (202), or none of them valid (422).
package struct IngestAnswer: Equatable, Sendable {
    /// A fix that was not taken.
    package struct Rejection: Equatable, Sendable {
        /// Its place among the POST's fixes; nil when the server named none.
        var index: Int?
        /// `recorded_at: must not be older than the retention`, one after the other.
        var detail: String
    }

    package var accepted: Int
    package var duplicates: Int
    package var rejections: [Rejection]
    /// Whether none is valid. The server may then name only the first of them.
    package var isNoneValid = false

    package init(accepted: Int = 0, duplicates: Int = 0, rejections: [Rejection] = []) {
        self.accepted = accepted
        self.duplicates = duplicates
        self.rejections = rejections
    }

    /// - Parameter body: of a 202.
    /// - Returns: nil when it is not the answer that ingest documents.
    init?(body: [UInt8]) {
        guard let wire = try? JSONDecoder().decode(Wire.self, from: Data(body)) else { return nil }
        self.init(
            accepted: wire.accepted, duplicates: wire.duplicates,
            rejections: (wire.rejected ?? []).map { fix in
                Rejection(FixPointer(fix.pointer)?.index, fix.errors ?? [])
            })
    }

    /// - Parameter problem: of a 422.
    /// - Returns: nil when it is about more than the fixes: sending others would not help.
    init?(problem: ProblemAnswer) {
        guard !problem.errors.isEmpty, problem.errors.allSatisfy({ $0.fixIndex != nil }) else { return nil }
        let byFix = Dictionary(grouping: problem.errors) { $0.fixIndex ?? 0 }
        self.init(rejections: byFix.sorted { $0.key < $1.key }.map { Rejection($0.key, $0.value) })
        isNoneValid = true
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

extension IngestAnswer.Rejection {
    init(_ index: Int?, _ errors: [FieldProblem]) {
        self.index = index
        detail = errors.isEmpty ? "no reason was given" : errors.map(\.sentenceInFix).joined(separator: "; ")
    }
}
