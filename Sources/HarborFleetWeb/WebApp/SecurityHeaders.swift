internal import Endpoint
internal import HTTPTypes

/// What a browser has to be told with every response.
struct SecurityHeaders: ResponseFilter {
    let contentSecurityPolicy: String
    /// The value of `Strict-Transport-Security`; nil where none is sent.
    let strictTransportSecurity: String?

    func complete(_ response: inout Response, for request: Request?) {
        response.fields[.xContentTypeOptions] = "nosniff"
        if let request, let strictTransportSecurity {
            addStrictTransport(strictTransportSecurity, to: &response, request)
        }
        guard response.isHTML else { return }
        response.fields[.contentSecurityPolicy] = contentSecurityPolicy
        if let name = HTTPField.Name("Referrer-Policy") { response.fields[name] = "same-origin" }
    }

    /// Only over TLS, which a trusted proxy tells of: elsewhere a browser must ignore it (RFC 6797, section 8.1).
    private func addStrictTransport(_ value: String, to response: inout Response, _ request: Request) {
        guard request.forwardedScheme == .https else { return }
        response.fields[.strictTransportSecurity] = value
    }
}

extension Response {
    /// Asked for with every answer: a subscript of the fields gathers several lines, which costs more than all else here.
    fileprivate var isHTML: Bool {
        fields.contains { $0.name == .contentType && $0.value.hasPrefix("text/html") }
    }
}
