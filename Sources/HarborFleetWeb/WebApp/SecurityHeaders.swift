internal import Endpoint
internal import HTTPTypes

/// What a browser has to be told with every answer.
struct SecurityHeaders: Middleware {
    let contentSecurityPolicy: String

    func after(_ response: inout Response, _ request: Request) {
        response.fields[.xContentTypeOptions] = "nosniff"
        guard response.fields[.contentType]?.hasPrefix("text/html") ?? false else { return }
        response.fields[.contentSecurityPolicy] = contentSecurityPolicy
        if let name = HTTPField.Name("Referrer-Policy") { response.fields[name] = "same-origin" }
    }
}
