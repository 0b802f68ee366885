/// The four parameters of one offer or response of permessage-deflate (RFC 7692 section 7.1).
struct PerMessageDeflateElement: Sendable, Equatable {
    /// The parameter `client_max_window_bits`.
    enum ClientWindow: Sendable, Equatable {
        /// The parameter is absent: the server must not set the client's window.
        case absent
        /// The parameter has no value: the server may set any window.
        case unlimited
        /// The parameter has this value: the server may set a window of at most this many bits.
        case bits(Int)
    }

    static let name = "permessage-deflate"

    var serverKeepsHistory = true
    var clientKeepsHistory = true
    var serverWindowBits: Int?
    var clientWindow = ClientWindow.absent

    /// Parses an element; nil if it must be declined: another extension, an unknown or repeated parameter, or an
    /// invalid value (section 7.1).
    init?(_ element: WebSocketExtension) {
        let parameters = element.parameters
        guard element.name == Self.name, Set(parameters.map(\.name)).count == parameters.count else {
            return nil
        }
        for parameter in parameters {
            guard take(parameter.name, parameter.value) else { return nil }
        }
    }

    private mutating func take(_ name: String, _ value: String?) -> Bool {
        switch (name, value) {
        case ("server_no_context_takeover", nil): serverKeepsHistory = false
        case ("client_no_context_takeover", nil): clientKeepsHistory = false
        case ("client_max_window_bits", nil): clientWindow = .unlimited
        case ("client_max_window_bits", .some(let value)):
            guard let bits = Self.bits(value) else { return false }
            clientWindow = .bits(bits)
        case ("server_max_window_bits", .some(let value)):
            guard let bits = Self.bits(value) else { return false }
            serverWindowBits = bits
        case (_, _): return false
        }
        return true
    }

    /// Parses 8 to 15, without a leading zero (section 7.1.2).
    private static func bits(_ value: String) -> Int? {
        ["8", "9", "10", "11", "12", "13", "14", "15"].firstIndex(of: value).map { $0 + 8 }
    }
}
