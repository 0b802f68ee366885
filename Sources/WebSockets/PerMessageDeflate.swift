/// What both ends of a connection have agreed on for permessage-deflate (RFC 7692).
package struct PerMessageDeflate: Sendable, Equatable {
    /// What a server makes of `Sec-WebSocket-Extensions`.
    package enum Outcome: Sendable, Equatable {
        /// The handshake goes on with it; `response` belongs into the 101.
        case agreed(PerMessageDeflate)
        /// The handshake goes on without it.
        case declined
        /// The field breaks the grammar: the handshake fails (RFC 6455 section 9.1).
        case malformed
    }

    /// zlib writes no smaller window in raw DEFLATE.
    private static let smallestWindowBits = 9

    /// What the server sends.
    package let server: DeflateParameters
    /// What the client sends.
    package let client: DeflateParameters
    /// The value of the response's `Sec-WebSocket-Extensions`.
    package let response: String

    /// Agrees to the first offer that can be met; the client lists them by preference (section 5.1).
    /// - Parameter settings: nil to decline all.
    package static func outcome(offered: String?, settings: WebSocketCompression?) -> Outcome {
        guard let offered else { return .declined }
        guard let elements = WebSocketExtension.list(offered) else { return .malformed }
        guard let settings else { return .declined }
        for element in elements {
            if let offer = PerMessageDeflateElement(element), let agreed = Self(offer, settings) {
                return .agreed(agreed)
            }
        }
        return .declined
    }

    /// What a server's response means to a client; nil when a client must fail the connection (section 5.1).
    package init?(response: String) {
        guard let elements = WebSocketExtension.list(response), elements.count == 1,
            let element = PerMessageDeflateElement(elements[0]), element.clientWindow != .unlimited
        else { return nil }
        self.response = response
        server = DeflateParameters(
            windowBits: element.serverWindowBits ?? 15, keepsHistory: element.serverKeepsHistory)
        client = DeflateParameters(
            windowBits: element.clientWindow.bits(atMost: 15), keepsHistory: element.clientKeepsHistory)
    }

    private init?(_ offer: PerMessageDeflateElement, _ settings: WebSocketCompression) {
        let serverBits = min(offer.serverWindowBits ?? 15, settings.serverWindowBits)
        guard serverBits >= Self.smallestWindowBits else { return nil }
        server = DeflateParameters(
            windowBits: serverBits, keepsHistory: offer.serverKeepsHistory && settings.serverKeepsHistory)
        client = DeflateParameters(
            windowBits: offer.clientWindow.bits(atMost: settings.clientWindowBits),
            keepsHistory: offer.clientKeepsHistory && settings.clientKeepsHistory)
        var response = PerMessageDeflateElement.name
        if !server.keepsHistory { response += "; server_no_context_takeover" }
        if !client.keepsHistory { response += "; client_no_context_takeover" }
        // An offered server window must be confirmed; a client's, absent from the response, means 15.
        if offer.serverWindowBits != nil || serverBits < 15 {
            response += "; server_max_window_bits=\(serverBits)"
        }
        if client.windowBits < 15 { response += "; client_max_window_bits=\(client.windowBits)" }
        self.response = response
    }
}

extension PerMessageDeflateElement.ClientWindow {
    /// What the client compresses with when it is told at most so many bits.
    fileprivate func bits(atMost limit: Int) -> Int {
        switch self {
        case .absent: 15
        case .unlimited: min(max(limit, 8), 15)
        case .bits(let bits): min(bits, max(limit, 8))
        }
    }
}
