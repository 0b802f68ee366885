/// The link or button at the right of the header.
package enum SessionLink: Sendable {
    /// Reads are public and no one is signed in: nothing is shown.
    case none
    /// No one is signed in.
    case signIn
    /// A reader is signed in.
    case signOut
}

/// The frame of all pages: head, skip link, site header, main landmark.
struct PageLayout {
    var title: String
    var session: SessionLink
    /// Whether this is the home page, which the header marks.
    var isHome = false
    /// `app` fills the window (map and table); `document` scrolls.
    var style: Style
    var stylesheets: [SitePath] = []
    var scripts: [HTMLNode] = []

    enum Style: String { case app, document }

    /// The finished page. `capacity` is an estimate of its size in bytes.
    func render(capacity: Int = 8_192, @HTMLBuilder main content: () -> [HTMLNode]) -> [UInt8] {
        let root = HTMLTag.html(.lang("en")) {
            head
            HTMLTag.body(.class(style.rawValue)) {
                HTMLTag.a(.class("skip"), .href(fragment: "main")) { "Skip to content" }
                siteHeader
                HTMLTag.main(.id("main"), .tabindex(-1), content: content)
            }
        }
        return HTMLRenderer.document(root, reservingCapacity: capacity)
    }

    private var head: HTMLNode {
        HTMLTag.head {
            HTMLTag.meta(.charset("utf-8"))
            HTMLTag.meta(.name("viewport"), .content("width=device-width, initial-scale=1"))
            HTMLTag.meta(.name("color-scheme"), .content("light dark"))
            HTMLTag.title { title == "Harbor Fleet" ? title : "\(title) · Harbor Fleet" }
            HTMLTag.link(.rel(.icon), .href(.asset("favicon.svg")))
            for sheet in stylesheets { HTMLNode.stylesheet(sheet) }
            HTMLNode.stylesheet(.asset("app.css"))
            for script in scripts { script }
            if session == .signOut { HTMLNode.moduleScript(.asset("session.js")) }
        }
    }

    private var siteHeader: HTMLNode {
        HTMLTag.header(.class("site")) {
            HTMLTag.a(.class("brand"), .href(.home)) { "Harbor Fleet" }
            HTMLTag.nav(.aria(.label, "Main")) {
                if isHome {
                    HTMLTag.a(.href(.home), .aria(.current, "page")) { "Fleets" }
                } else {
                    HTMLTag.a(.href(.home)) { "Fleets" }
                }
                HTMLTag.a(.href(.openAPI)) { "API" }
            }
            sessionLink
        }
    }

    @HTMLBuilder private var sessionLink: [HTMLNode] {
        switch session {
        case .none: []
        case .signIn: HTMLTag.a(.class("session"), .href(.signIn)) { "Sign in" }
        case .signOut:
            // A browser's form cannot send DELETE. The script sends one; without script the hidden field asks
            // for it.
            HTMLTag.form(.class("session"), .postMethod, .action(.session), .data(.signOut, "")) {
                HTMLTag.input(.type(.hidden), .name("_method"), .value("delete"))
                HTMLTag.button(.type(.submit)) { "Sign out" }
            }
        }
    }
}
