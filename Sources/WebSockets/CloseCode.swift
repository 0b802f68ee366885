/// The code in a close frame, which says why the connection ends (RFC 6455 section 7.4 and the IANA registry).
package struct CloseCode: RawRepresentable, Sendable, Hashable {
    /// The number in the close frame.
    package let rawValue: UInt16
    /// Makes a code of any number. Check `isValidOnWire` before it is sent.
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// 1000: a normal end.
    package static let normal = CloseCode(rawValue: 1000)
    /// 1001: the user left the page, or the server shuts down.
    package static let goingAway = CloseCode(rawValue: 1001)
    /// 1002: the peer broke the protocol.
    package static let protocolError = CloseCode(rawValue: 1002)
    /// 1007: the data does not match its type, such as text that is not UTF-8.
    package static let invalidPayload = CloseCode(rawValue: 1007)
    /// 1008: the peer violated a policy.
    package static let policyViolation = CloseCode(rawValue: 1008)
    /// 1009: a message is too big.
    package static let messageTooBig = CloseCode(rawValue: 1009)
    /// 1011: the server met an unexpected condition.
    package static let internalError = CloseCode(rawValue: 1011)
    /// 1012: the service restarts; the client should reconnect.
    package static let serviceRestart = CloseCode(rawValue: 1012)
    /// 1013: overloaded; try again later.
    package static let tryAgainLater = CloseCode(rawValue: 1013)

    /// Whether a close frame may contain the code: registered codes and 3000 to 4999 (section 7.4).
    ///
    /// 1004 to 1006 and 1015 must not be sent. Codes below 3000 that are not registered are reserved.
    package var isValidOnWire: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
