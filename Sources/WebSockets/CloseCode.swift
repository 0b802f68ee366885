/// Why a connection ends (RFC 6455 section 7.4 and the IANA registry).
package struct CloseCode: RawRepresentable, Sendable, Hashable {
    /// The number in the close frame.
    package let rawValue: UInt16
    /// A code of any number; ask `isValidOnWire` before it is sent.
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// 1000: the purpose is fulfilled.
    package static let normal = CloseCode(rawValue: 1000)
    /// 1001: a page was left or a server goes down.
    package static let goingAway = CloseCode(rawValue: 1001)
    /// 1002: the peer broke the protocol.
    package static let protocolError = CloseCode(rawValue: 1002)
    /// 1007: data not of its type, as text that is no UTF-8.
    package static let invalidPayload = CloseCode(rawValue: 1007)
    /// 1008: a policy was violated.
    package static let policyViolation = CloseCode(rawValue: 1008)
    /// 1009: a message too big to take.
    package static let messageTooBig = CloseCode(rawValue: 1009)
    /// 1011: the server met a condition it did not expect.
    package static let internalError = CloseCode(rawValue: 1011)
    /// 1012: the service restarts; connect again.
    package static let serviceRestart = CloseCode(rawValue: 1012)
    /// 1013: overloaded; try again later.
    package static let tryAgainLater = CloseCode(rawValue: 1013)

    /// Whether a close frame may carry it: registered codes and 3000 to 4999 (section 7.4).
    ///
    /// 1004 to 1006 and 1015 never travel; what is not registered below 3000 is reserved.
    package var isValidOnWire: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
