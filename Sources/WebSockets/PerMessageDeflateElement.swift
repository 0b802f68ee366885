/// The four parameters of one offer or response of permessage-deflate (RFC 7692 section 7.1).
struct PerMessageDeflateElement: Sendable, Equatable {
    /// What `client_max_window_bits` says.
    enum ClientWindow: Sendable, Equatable {
        /// The parameter is not there: the client cannot be told a window.
        case absent
        /// It is there without a value: the client can be told any.
        case unlimited
        case bits(Int)
    }

    static let name = "permessage-deflate"

    var serverKeepsHistory = true
    var clientKeepsHistory = true
    var serverWindowBits: Int?
    var clientWindow = ClientWindow.absent

    /// Nil for what must be declined: another extension, an unknown or repeated parameter, an invalid value
    /// (section 7.1).
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

    /// 8 to 15, without a leading zero (section 7.1.2).
    private static func bits(_ value: String) -> Int? {
        ["8", "9", "10", "11", "12", "13", "14", "15"].firstIndex(of: value).map { $0 + 8 }
    }
}
