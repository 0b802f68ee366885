internal import Endpoint
internal import HTTP1
internal import HTTPTypes

extension Request {
    /// Whether the client holds what `entityTag` stands for, so that 304 answers it (RFC 9110 section 13.1.2).
    /// - Parameter entityTag: is not made for a client that does not ask.
    func holds(_ entityTag: @autoclosure () -> EntityTag) -> Bool {
        guard let condition = head[.ifNoneMatch] else { return false }
        return EntityTagList(condition)?.matchesWeakly(entityTag()) ?? false
    }
}
