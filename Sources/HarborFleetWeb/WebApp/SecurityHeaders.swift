internal import Endpoint
internal import HTTPTypes

/// What a browser has to be told with every answer.
struct SecurityHeaders: Middleware {
    let contentSecurityPolicy: String

    func after(_ response: inout Response, _ request: Request) {
        response.fields[.xContentTypeOptions] = "nosniff"
        guard response.isHTML else { return }
        response.fields[.contentSecurityPolicy] = contentSecurityPolicy
        if let name = HTTPField.Name("Referrer-Policy") { response.fields[name] = "same-origin" }
    }
}

extension Response {
    /// Asked for with every answer: a subscript of the fields gathers several lines, which costs more than all else here.
    fileprivate var isHTML: Bool {
        fields.contains { $0.name == .contentType && $0.value.hasPrefix("text/html") }
    }
}
