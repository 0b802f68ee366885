internal import Endpoint
internal import HTTP1
internal import HTTPTypes

/// How a body is coded on its way (RFC 9110 section 8.4).
package enum ContentCoding: Sendable, Equatable {
    /// As it is.
    case identity
    /// RFC 1952.
    case gzip

    /// The tag of a representation in this coding. Other bytes need another strong tag (RFC 9110 section 8.8.3.3),
    /// so `"x"` is `"x-gzip"` when it is compressed.
    func entityTag(of plain: EntityTag) -> EntityTag {
        switch self {
        case .identity: plain
        case .gzip: EntityTag(plain.opaque + "-gzip", isWeak: plain.isWeak)
        }
    }

    /// The fields of an answer in this coding: `Content-Encoding` where it has one.
    func fields(_ fields: HTTPFields) -> HTTPFields {
        guard self == .gzip else { return fields }
        var fields = fields
        fields[.contentEncoding] = "gzip"
        return fields
    }
}

/// What a read is answered with: in which coding, and whether the client holds just that.
struct CodingChoice: Sendable, Equatable {
    let coding: ContentCoding
    /// 304 is the answer (RFC 9110 section 13.1.2).
    let isHeld: Bool
}

extension Request {
    /// Whether the client wants a compressed body, if there is one (RFC 9110 section 12.5.3). Costs one look for
    /// the field when it is absent.
    ///
    /// A client that refuses `identity` and does not take gzip gets `identity` all the same: section 15.5.7 allows
    /// it instead of 406, and a body is of more use than none.
    var takesGzip: Bool {
        guard let value = head[.acceptEncoding] else { return false }
        return AcceptEncodingHeader(value).prefersGzip
    }

    /// Chooses between a representation and its compressed form, each with its tag.
    ///
    /// Who takes gzip may hold either form, and a 304 then names the one held. To others only the plain tag counts: a
    /// shared cache that asks for them must not be told to go on with what it holds in gzip.
    /// - Parameter entityTag: the plain form's; only made for a conditional request.
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

    /// A condition that cannot be read is not met: who sends one wants nothing but what it names.
    private func check(_ ifMatch: String, _ plain: EntityTag) throws(Problem) {
        let wanted = EntityTagList(ifMatch)
        let forms = [ContentCoding.identity, .gzip].map { $0.entityTag(of: plain) }
        guard forms.contains(where: { wanted?.matchesStrongly($0) == true }) else {
            throw Problem.preconditionFailed
        }
    }
}
