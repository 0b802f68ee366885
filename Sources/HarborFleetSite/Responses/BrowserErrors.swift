package import Endpoint
internal import FoundationEssentials
internal import HTTP1
internal import HTTPTypes

/// Gives a browser an error page where a program gets problem+json. API requests are not changed.
package struct BrowserErrors: ResponseFilter {
    private struct Document: Decodable {
        let title: String
        let detail: String
    }

    package init() {}

    package func complete(_ response: inout Response, for request: Request?) {
        guard let request, response.status.code >= 400, isBrowser(request),
            response.fields[.contentType] == "application/problem+json",
            case .bytes(let bytes) = response.body,
            let problem = try? JSONDecoder().decode(Document.self, from: Data(bytes))
        else { return }
        response.fields[.contentType] = "text/html; charset=utf-8"
        response.body = .bytes(page(problem, response, request))
    }

    private func page(_ problem: Document, _ response: Response, _ request: Request) -> [UInt8] {
        if let page = signInPage(problem, request) { return page.render() }
        return ErrorPage(
            status: response.status.code, title: problem.title, detail: problem.detail,
            requestID: request.requestID, session: .none
        ).render()
    }

    /// The sign-in page again, with the problem, after a sign-in without script has failed.
    private func signInPage(_ problem: Document, _ request: Request) -> SignInPage? {
        guard request.method == .post, request.head.path == SitePath.session.text else { return nil }
        let fields = QueryParameters(String(decoding: request.body, as: UTF8.self))
        guard fields["_method"] == nil else { return nil }
        return SignInPage(
            next: fields["next"].flatMap(SitePath.init(local:)) ?? .home,
            problem: "Signing in failed. \(problem.detail) (Request \(request.requestID))"
        )
    }

    /// A page navigation accepts HTML by name; API clients and the app's own fetches do not.
    private func isBrowser(_ request: Request) -> Bool {
        guard !request.head.path.hasPrefix("/api/") else { return false }
        return AcceptHeader(request.head[.accept]).names(
            "text/html", before: ["application/problem+json", "application/json"])
    }
}
