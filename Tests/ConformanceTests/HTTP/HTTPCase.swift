import Testing

/// One row of the tables: a request, the responses that must come back, and the section that says so.
struct HTTPCase: Sendable, CustomTestStringConvertible {
    /// What happens to the connection after the request.
    enum After: Sendable {
        /// The next request on it gets its response.
        case lives
        /// The response says that it ends, nothing behind the request is read as another one, and the connection ends.
        case ends
        /// The same, because the client asked for it. The client sends nothing more, or all at once.
        case endsAsAsked
    }

    /// The RFC's number and section.
    let section: String
    let name: String
    let bytes: [UInt8]
    /// The statuses of the responses, in order, without 100.
    let statuses: [Int]
    let after: After
    /// Fields that the last response must have, with their values.
    var fields: [String: String] = [:]
    /// Fields that it must not have.
    var lacks: [String] = []
    /// The body that it must have.
    var body: String?

    var testDescription: String { "RFC \(section): \(name)" }

    /// A request that cannot be read, or behind which no other can be read.
    static func refused(_ section: String, _ name: String, _ text: String, _ status: Int = 400) -> HTTPCase {
        HTTPCase(section: section, name: name, bytes: Array(text.utf8), statuses: [status], after: .ends)
    }

    /// Requests that get their responses, after which the connection goes on.
    static func responds(
        _ section: String, _ name: String, _ text: String, _ statuses: Int...,
        fields: [String: String] = [:], lacks: [String] = [], body: String? = nil
    ) -> HTTPCase {
        HTTPCase(
            section: section, name: name, bytes: Array(text.utf8), statuses: statuses, after: .lives,
            fields: fields, lacks: lacks, body: body)
    }

    /// A request that is the last of its connection, because the client asked for that.
    static func last(
        _ section: String, _ name: String, _ text: String, _ status: Int, fields: [String: String] = [:],
        body: String? = nil
    ) -> HTTPCase {
        HTTPCase(
            section: section, name: name, bytes: Array(text.utf8), statuses: [status], after: .endsAsAsked,
            fields: fields, body: body)
    }

    static let all =
        requestLines + targets + hosts + fieldLines + lengths + codings + chunks + methods + connections
}
