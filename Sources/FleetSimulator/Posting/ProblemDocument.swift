import Foundation

/// A problem document (RFC 9457), reduced to what people need.
struct ProblemDocument: Equatable {
    var detail: String
    var errors: [FieldProblem]

    /// Never fails: parts that cannot be read are left out.
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

/// One entry of `errors`, of a problem document or of a rejected fix.
struct FieldProblem: Decodable, Equatable {
    var pointer: String?
    var detail: String

    /// The fix that the problem is about; nil when it is about something else.
    var fix: FixPointer? { pointer.flatMap(FixPointer.init) }

    /// The whole problem, for a problem of the body.
    var sentence: String { "\(pointer ?? ""): \(detail)" }

    /// The problem without the fix, for a message that names the fix in its own way.
    var sentenceInFix: String {
        fix.map { fix in fix.member.map { "\($0): \(detail)" } ?? detail } ?? sentence
    }
}

/// A JSON pointer to a fix in the body of a POST, or to a member of one: `/fixes/3/lat`.
struct FixPointer: Equatable {
    let index: Int
    /// nil for the fix itself.
    let member: String?

    /// - Returns: nil for a pointer to anything else.
    init?(_ pointer: String) {
        let parts = pointer.split(separator: "/", maxSplits: 2)
        guard parts.count >= 2, parts[0] == "fixes", let index = Int(parts[1]), index >= 0 else { return nil }
        self.index = index
        member = parts.count > 2 ? String(parts[2]) : nil
    }
}
