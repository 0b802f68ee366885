import Testing

/// One row of the tables: what is sent, and what has to come back, by which section.
struct HTTPCase: Sendable, CustomTestStringConvertible {
    /// What becomes of the connection.
    enum After: Sendable {
        /// The next request on it is answered.
        case lives
        /// The answer says so, nothing behind the request is read as another one, and the connection ends.
        case ends
        /// The same, because the client asked for it: it sends nothing more, or all at once.
        case endsAsAsked
    }

    /// The RFC's number and section.
    let section: String
    let name: String
    let bytes: [UInt8]
    /// The statuses of the answers, in order, without 100.
    let statuses: [Int]
    let after: After
    /// Fields that the last of them must have, with their values.
    var fields: [String: String] = [:]
    /// Fields that it must not have.
    var lacks: [String] = []
    /// The body that it must have.
    var body: String?

    var testDescription: String { "RFC \(section): \(name)" }

    /// A request that cannot be read, or behind which nothing can be.
    static func refused(_ section: String, _ name: String, _ text: String, _ status: Int = 400) -> HTTPCase {
        HTTPCase(section: section, name: name, bytes: Array(text.utf8), statuses: [status], after: .ends)
    }

    /// Requests that are answered, after which the connection goes on.
    static func answered(
        _ section: String, _ name: String, _ text: String, _ statuses: Int...,
        fields: [String: String] = [:], lacks: [String] = [], body: String? = nil
    ) -> HTTPCase {
        HTTPCase(
            section: section, name: name, bytes: Array(text.utf8), statuses: statuses, after: .lives,
            fields: fields, lacks: lacks, body: body)
    }

    /// A request that is answered as the connection's last one, because the client asked for that.
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
