/// An attribute of an HTML element. The set is closed: it has no event handlers and no `style`, and an address
/// is a `SitePath`, never a string.
package struct HTMLAttribute: Sendable {
    let name: String
    /// Nil for an attribute that is only present or absent, such as `hidden`.
    let value: String?

    private init(_ name: String, _ value: String?) {
        self.name = name
        self.value = value
    }
}

extension HTMLAttribute {
    static func `class`(_ names: String) -> HTMLAttribute { .init("class", names) }
    static func id(_ id: String) -> HTMLAttribute { .init("id", id) }
    static func lang(_ tag: String) -> HTMLAttribute { .init("lang", tag) }
    static func charset(_ name: String) -> HTMLAttribute { .init("charset", name) }
    static func name(_ name: String) -> HTMLAttribute { .init("name", name) }
    static func content(_ text: String) -> HTMLAttribute { .init("content", text) }
    static func value(_ text: String) -> HTMLAttribute { .init("value", text) }
    static func placeholder(_ text: String) -> HTMLAttribute { .init("placeholder", text) }
    static func `for`(_ id: String) -> HTMLAttribute { .init("for", id) }
    static func datetime(_ text: String) -> HTMLAttribute { .init("datetime", text) }
    static func autocomplete(_ hint: String) -> HTMLAttribute { .init("autocomplete", hint) }
    static func tabindex(_ index: Int) -> HTMLAttribute { .init("tabindex", "\(index)") }

    static func href(_ path: SitePath) -> HTMLAttribute { .init("href", path.text) }
    static func src(_ path: SitePath) -> HTMLAttribute { .init("src", path.text) }
    static func action(_ path: SitePath) -> HTMLAttribute { .init("action", path.text) }
    /// A link to an element of the same page.
    static func href(fragment id: String) -> HTMLAttribute { .init("href", "#" + SitePath.encode(id)) }

    static func rel(_ relation: LinkRelation) -> HTMLAttribute { .init("rel", relation.rawValue) }
    static func type(_ type: ElementType) -> HTMLAttribute { .init("type", type.rawValue) }
    static func scope(_ scope: HeaderScope) -> HTMLAttribute { .init("scope", scope.rawValue) }
    static func role(_ role: AccessibleRole) -> HTMLAttribute { .init("role", role.rawValue) }
    static func aria(_ property: AccessibleProperty, _ value: String) -> HTMLAttribute {
        .init("aria-" + property.rawValue, value)
    }
    static func data(_ name: DataName, _ value: String) -> HTMLAttribute {
        .init("data-" + name.rawValue, value)
    }

    static let `defer` = HTMLAttribute("defer", nil)
    static let hidden = HTMLAttribute("hidden", nil)
    static let required = HTMLAttribute("required", nil)
    static let autofocus = HTMLAttribute("autofocus", nil)
    static let postMethod = HTMLAttribute("method", "post")
    static let noSpellcheck = HTMLAttribute("spellcheck", "false")
}

/// Values of `rel`.
enum LinkRelation: String { case stylesheet, icon }

/// Values of `type`.
enum ElementType: String { case module, submit, hidden, password, search, button }

/// Values of `scope`.
enum HeaderScope: String { case col, row }

/// Values of `role`.
enum AccessibleRole: String { case alert, region, status }

/// The `aria-` properties in use.
enum AccessibleProperty: String { case current, describedby, hidden, label, labelledby, live, sort }

/// The `data-` attributes through which a page talks to its script.
enum DataName: String {
    case banner, column, count, empty, fleet, live, map, next, origin, retry, sort, state, status, streets,
        tiles, vehicle
    case signIn = "sign-in"
    case signOut = "sign-out"
    case recordedAt = "recorded-at"
}
