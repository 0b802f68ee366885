/// The page at `/sign-in`. Its form works without script: then it posts `token` and `next` to `/session` as
/// `application/x-www-form-urlencoded`.
struct SignInPage {
    /// The page to open after signing in.
    let next: SitePath
    /// What was wrong with the last attempt, in words for the reader.
    let problem: String?

    /// The page's bytes, UTF-8.
    func render() -> [UInt8] {
        let layout = PageLayout(
            title: "Sign in", session: .none, style: .document,
            scripts: [.moduleScript(.asset("sign-in.js"))])
        return layout.render {
            HTMLTag.div(.class("sign-in card")) {
                HTMLTag.h1 { "Sign in" }
                HTMLTag.p(.class("muted"), .id("token-help")) {
                    "Enter the token that you were given. "
                    "It is exchanged for a session cookie and not kept in the browser."
                }
                form
            }
        }
    }

    private var form: HTMLNode {
        HTMLTag.form(
            .postMethod, .action(.session), .data(.signIn, ""), .data(.next, next.text)
        ) {
            alert
            HTMLTag.input(.type(.hidden), .name("next"), .value(next.text))
            HTMLTag.label(.for("token")) { "Token" }
            HTMLTag.input(
                .id("token"), .name("token"), .type(.password), .autocomplete("current-password"),
                .aria(.describedby, "token-help"), .noSpellcheck, .required, .autofocus)
            HTMLTag.button(.type(.submit)) { "Sign in" }
        }
    }

    private var alert: HTMLNode {
        guard let problem else { return HTMLTag.p(.class("alert"), .role(.alert), .hidden) }
        return HTMLTag.p(.class("alert"), .role(.alert)) { problem }
    }
}
