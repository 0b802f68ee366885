/// The parameters of permessage-deflate that both ends of a connection have agreed on (RFC 7692).
package struct PerMessageDeflate: Sendable, Equatable {
    /// A server's decision on the client's `Sec-WebSocket-Extensions`.
    package enum Outcome: Sendable, Equatable {
        /// The handshake continues with compression; the 101 must contain `response`.
        case agreed(PerMessageDeflate)
        /// The handshake continues without compression.
        case declined
        /// The field violates the grammar: the handshake fails (RFC 6455 section 9.1).
        case malformed
    }

    /// The smallest window with which zlib can write raw DEFLATE.
    private static let smallestWindowBits = 9

    /// The parameters for messages from the server.
    package let server: DeflateParameters
    /// The parameters for messages from the client.
    package let client: DeflateParameters
    /// The value of the response's `Sec-WebSocket-Extensions`.
    package let response: String

    /// Agrees to the first offer that is acceptable. The client lists its offers by preference (section 5.1).
    /// - Parameter settings: the server's settings; nil to decline all offers.
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

    /// Parses a server's response, for a client; nil when the client must fail the connection (section 5.1).
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
        // If the offer has a server window, the response must confirm it. A response without a client window means 15.
        if offer.serverWindowBits != nil || serverBits < 15 {
            response += "; server_max_window_bits=\(serverBits)"
        }
        if client.windowBits < 15 { response += "; client_max_window_bits=\(client.windowBits)" }
        self.response = response
    }
}

extension PerMessageDeflateElement.ClientWindow {
    /// The client's window bits when the server asks for at most `limit` bits.
    fileprivate func bits(atMost limit: Int) -> Int {
        switch self {
        case .absent: 15
        case .unlimited: min(max(limit, 8), 15)
        case .bits(let bits): min(bits, max(limit, 8))
        }
    }
}
