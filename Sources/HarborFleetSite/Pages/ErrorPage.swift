/// What a browser gets instead of problem+json.
package struct ErrorPage: Sendable {
    private let status: Int
    private let title: String
    private let detail: String
    private let requestID: String
    private let session: SessionLink

    /// Makes the page.
    /// - Parameters:
    ///   - status: The HTTP status, shown small.
    ///   - title: What happened, such as `Not found`.
    ///   - detail: A sentence for the operator.
    ///   - requestID: The `X-Request-Id` of this answer, to quote when asking for help.
    package init(status: Int, title: String, detail: String, requestID: String, session: SessionLink) {
        self.status = status
        self.title = title
        self.detail = detail
        self.requestID = requestID
        self.session = session
    }

    /// The page's bytes, UTF-8.
    package func render() -> [UInt8] {
        PageLayout(title: title, session: session, style: .document).render {
            HTMLTag.div(.class("error")) {
                HTMLTag.p(.class("muted")) { "Error \(status)" }
                HTMLTag.h1 { title }
                HTMLTag.p { detail }
                HTMLTag.p { HTMLTag.a(.href(.home)) { "Go to the list of fleets" } }
                HTMLTag.p(.class("muted")) {
                    "Request "
                    HTMLTag.code { requestID }
                }
            }
        }
    }
}
