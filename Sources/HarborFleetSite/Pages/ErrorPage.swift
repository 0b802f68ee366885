/// The page that a browser gets instead of problem+json.
struct ErrorPage {
    /// The HTTP status, shown small.
    let status: Int
    /// What happened, such as `Not found`.
    let title: String
    /// A sentence for the reader.
    let detail: String
    /// The `X-Request-Id` of this response, to quote when asking for help.
    let requestID: String
    let session: SessionLink

    /// The page's bytes, UTF-8.
    func render() -> [UInt8] {
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
