internal import Endpoint
internal import HTTP1
internal import HTTPTypes

/// The coding of a body in transfer (RFC 9110 section 8.4).
package enum ContentCoding: Sendable, Equatable {
    /// Uncompressed.
    case identity
    /// RFC 1952.
    case gzip

    /// The tag of a representation in this coding. Different bytes need a different strong tag (RFC 9110 section
    /// 8.8.3.3), so `"x"` becomes `"x-gzip"` when compressed.
    func entityTag(of plain: EntityTag) -> EntityTag {
        switch self {
        case .identity: plain
        case .gzip: EntityTag(plain.opaque + "-gzip", isWeak: plain.isWeak)
        }
    }

    /// The fields of a response in this coding: `Content-Encoding` is added when it has one.
    func fields(_ fields: HTTPFields) -> HTTPFields {
        guard self == .gzip else { return fields }
        var fields = fields
        fields[.contentEncoding] = "gzip"
        return fields
    }
}

/// The choice of a response to a read: its coding, and whether the client holds that representation already.
struct CodingChoice: Sendable, Equatable {
    let coding: ContentCoding
    /// Whether the response is 304 (RFC 9110 section 13.1.2).
    let isHeld: Bool
}

extension Request {
    /// Whether the client prefers a compressed body (RFC 9110 section 12.5.3). Costs one look for the field when
    /// it is absent.
    ///
    /// A client that refuses `identity` and does not accept gzip still gets `identity`: section 15.5.7 allows
    /// this instead of 406, and a body is of more use than none.
    var takesGzip: Bool {
        guard let value = head[.acceptEncoding] else { return false }
        return AcceptEncodingHeader(value).prefersGzip
    }

    /// Chooses between a representation and its compressed form, each with its tag.
    ///
    /// A client that accepts gzip may hold either form, and a 304 names the one that it holds. For other clients
    /// only the plain tag counts: a shared cache that asks on their behalf must not reuse a gzip form that it
    /// holds.
    /// - Parameter entityTag: the tag of the plain form; only computed for a conditional request.
    /// - Throws: `Problem` 412 when `If-Match` names neither form (RFC 9110 section 13.1.1).
    func choice(
        of entityTag: @autoclosure () -> EntityTag, offersGzip: Bool = true
    ) throws(Problem) -> CodingChoice {
        if let condition = head[.ifMatch] { try check(condition, entityTag()) }
        let coding: ContentCoding = offersGzip && takesGzip ? .gzip : .identity
        guard let condition = head[.ifNoneMatch], let held = EntityTagList(condition) else {
            return CodingChoice(coding: coding, isHeld: false)
        }
        let plain = entityTag()
        for candidate in coding == .gzip ? [.gzip, .identity] : [ContentCoding.identity]
        where held.matchesWeakly(candidate.entityTag(of: plain)) {
            return CodingChoice(coding: candidate, isHeld: true)
        }
        return CodingChoice(coding: coding, isHeld: false)
    }

    /// A condition that cannot be read counts as not met: the client wants only the representation that it
    /// names.
    private func check(_ ifMatch: String, _ plain: EntityTag) throws(Problem) {
        let wanted = EntityTagList(ifMatch)
        let forms = [ContentCoding.identity, .gzip].map { $0.entityTag(of: plain) }
        guard forms.contains(where: { wanted?.matchesStrongly($0) == true }) else {
            throw Problem.preconditionFailed
        }
    }
}
