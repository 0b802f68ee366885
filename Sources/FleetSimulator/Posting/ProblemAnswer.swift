import Foundation

/// One entry of `errors`, of a problem document or of a rejected fix.
struct FieldProblem: Decodable, Equatable {
    var pointer: String?
    var detail: String

    /// The place of the fix that it is about; nil when it is about something else.
    var fixIndex: Int? { pointer.flatMap(FixPointer.init)?.index }

    /// Whole, for a problem of the body.
    var sentence: String { "\(pointer ?? ""): \(detail)" }

    /// Without the fix, for a message that names it in its own way.
    var sentenceInFix: String {
        guard let pointer, let fix = FixPointer(pointer) else { return sentence }
        return fix.member.map { "\($0): \(detail)" } ?? detail
    }
}

/// A problem document (RFC 9457), as far as a person needs it.
struct ProblemAnswer: Equatable {
    var detail: String
    var errors: [FieldProblem]

    /// Never fails: whatever cannot be read is left out.
    init(body: [UInt8]) {
        let wire = try? JSONDecoder().decode(Wire.self, from: Data(body))
        detail = wire?.detail ?? wire?.title ?? "no details were given"
        errors = wire?.errors ?? []
    }

    private struct Wire: Decodable {
        var title: String?
        var detail: String?
        var errors: [FieldProblem]?
    }
}
