/// An attribute of an element: its name is one of those below, its value is escaped and quoted.
///
/// There is none for scripts (`on…`) or styles (`style`); what leads somewhere takes a ``Link``.
public struct Attribute: Sendable {
    private let prefix: StaticString
    private let name: StaticString
    /// nil: the name alone.
    private let value: String?
    private let isLeftOut: Bool

    private init(_ name: StaticString, _ value: String?, prefix: StaticString = "", isLeftOut: Bool = false) {
        (self.prefix, self.name, self.value, self.isLeftOut) = (prefix, name, value, isLeftOut)
    }

    init(svg name: StaticString, _ value: String) { self.init(name, value) }

    private init(_ name: StaticString, if isThere: Bool) { self.init(name, nil, isLeftOut: !isThere) }

    func write(_ bytes: inout [UInt8]) {
        guard !isLeftOut else { return }
        bytes.append(UInt8(ascii: " "))
        prefix.withUTF8Buffer { bytes.append(contentsOf: $0) }
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        guard let value else { return }
        bytes.append(contentsOf: "=\"".utf8)
        HTML.escape(value, &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// The attribute, or nothing.
    public func when(_ condition: Bool) -> Attribute {
        Attribute(name, value, prefix: prefix, isLeftOut: isLeftOut || !condition)
    }

    /// Nothing: for `condition ? .class("x") : .none`.
    public static let none = Attribute("", nil, isLeftOut: true)

    /// `data-<name>`: what a script of ours reads. A name is `a-z`, `0-9` and `-`; with any other the attribute is left out.
    public static func data(_ name: StaticString, _ value: String) -> Attribute { named("data-", name, value) }

    /// `aria-<name>`; names as of `data`.
    public static func aria(_ name: StaticString, _ value: String) -> Attribute { named("aria-", name, value) }

    /// `aria-<name>` with `true` or `false`.
    public static func aria(_ name: StaticString, _ value: Bool) -> Attribute { named("aria-", name, value ? "true" : "false") }

    private static func named(_ prefix: StaticString, _ name: StaticString, _ value: String) -> Attribute {
        let isName = name.withUTF8Buffer { bytes in
            !bytes.isEmpty
                && bytes.allSatisfy { byte in
                    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                        || byte == UInt8(ascii: "-")
                }
        }
        return Attribute(name, value, prefix: prefix, isLeftOut: !isName)
    }
}

// MARK: Of all elements

extension Attribute {
    public static func id(_ id: String) -> Attribute { Attribute("id", id) }
    /// Several by blanks.
    public static func `class`(_ names: String) -> Attribute { Attribute("class", names) }
    public static func role(_ role: String) -> Attribute { Attribute("role", role) }
    /// BCP 47: `zh-Hans`.
    public static func lang(_ language: String) -> Attribute { Attribute("lang", language) }
    public static func title(_ text: String) -> Attribute { Attribute("title", text) }
    public static func hidden(_ isHidden: Bool = true) -> Attribute { Attribute("hidden", if: isHidden) }
    public static func tabindex(_ index: Int) -> Attribute { Attribute("tabindex", String(index)) }
    /// `no` keeps ids and numbers from being translated.
    public static func translate(_ isTranslated: Bool) -> Attribute { Attribute("translate", isTranslated ? "yes" : "no") }
    public static func dir(_ direction: String) -> Attribute { Attribute("dir", direction) }
    /// A layer that a button opens and Escape closes, without a script; it belongs to the element's id.
    public static func popover() -> Attribute { Attribute("popover", if: true) }
    /// Of a button: the id of what it opens and closes.
    public static func popovertarget(_ id: String) -> Attribute { Attribute("popovertarget", id) }
    public static func autofocus(_ isFocused: Bool = true) -> Attribute { Attribute("autofocus", if: isFocused) }
    public static func slot(_ name: String) -> Attribute { Attribute("slot", name) }
}

// MARK: Of links, media and documents

extension Attribute {
    public static func href(_ link: Link) -> Attribute { Attribute("href", link.text) }
    public static func src(_ link: Link) -> Attribute { Attribute("src", link.text) }
    public static func rel(_ relation: String) -> Attribute { Attribute("rel", relation) }
    /// Of links that open elsewhere: `_blank`.
    public static func target(_ name: String) -> Attribute { Attribute("target", name) }
    public static func download(_ name: String = "") -> Attribute { Attribute("download", name) }
    public static func hreflang(_ language: String) -> Attribute { Attribute("hreflang", language) }
    public static func alt(_ text: String) -> Attribute { Attribute("alt", text) }
    public static func width(_ pixels: Int) -> Attribute { Attribute("width", String(pixels)) }
    public static func height(_ pixels: Int) -> Attribute { Attribute("height", String(pixels)) }
    public static func loading(_ how: String) -> Attribute { Attribute("loading", how) }
    public static func media(_ query: String) -> Attribute { Attribute("media", query) }
    public static func sizes(_ sizes: String) -> Attribute { Attribute("sizes", sizes) }
    public static func content(_ text: String) -> Attribute { Attribute("content", text) }
    public static func charset(_ name: String) -> Attribute { Attribute("charset", name) }
    /// Of `time`: RFC 3339.
    public static func datetime(_ time: String) -> Attribute { Attribute("datetime", time) }
    public static func open(_ isOpen: Bool = true) -> Attribute { Attribute("open", if: isOpen) }
}

// MARK: Of tables and lists

extension Attribute {
    /// Of `th`: `col`, `row`, `colgroup`, `rowgroup`.
    public static func scope(_ scope: String) -> Attribute { Attribute("scope", scope) }
    public static func colspan(_ columns: Int) -> Attribute { Attribute("colspan", String(columns)) }
    public static func rowspan(_ rows: Int) -> Attribute { Attribute("rowspan", String(rows)) }
    public static func headers(_ ids: String) -> Attribute { Attribute("headers", ids) }
    public static func start(_ number: Int) -> Attribute { Attribute("start", String(number)) }
    public static func reversed(_ isReversed: Bool = true) -> Attribute { Attribute("reversed", if: isReversed) }
}

// MARK: Of forms

extension Attribute {
    public static func action(_ link: Link) -> Attribute { Attribute("action", link.text) }
    public static func formaction(_ link: Link) -> Attribute { Attribute("formaction", link.text) }
    /// `get`, `post` or `dialog`.
    public static func method(_ method: String) -> Attribute { Attribute("method", method) }
    public static func formmethod(_ method: String) -> Attribute { Attribute("formmethod", method) }
    /// `multipart/form-data` for files.
    public static func enctype(_ type: String) -> Attribute { Attribute("enctype", type) }
    public static func novalidate(_ isNot: Bool = true) -> Attribute { Attribute("novalidate", if: isNot) }
    public static func type(_ type: String) -> Attribute { Attribute("type", type) }
    public static func name(_ name: String) -> Attribute { Attribute("name", name) }
    public static func value(_ value: String) -> Attribute { Attribute("value", value) }
    public static func value(_ value: Int) -> Attribute { Attribute("value", String(value)) }
    public static func `for`(_ id: String) -> Attribute { Attribute("for", id) }
    /// The id of the form to which an input outside it belongs.
    public static func form(_ id: String) -> Attribute { Attribute("form", id) }
    public static func checked(_ isChecked: Bool = true) -> Attribute { Attribute("checked", if: isChecked) }
    public static func selected(_ isSelected: Bool = true) -> Attribute { Attribute("selected", if: isSelected) }
    public static func disabled(_ isDisabled: Bool = true) -> Attribute { Attribute("disabled", if: isDisabled) }
    public static func readonly(_ isReadonly: Bool = true) -> Attribute { Attribute("readonly", if: isReadonly) }
    public static func required(_ isRequired: Bool = true) -> Attribute { Attribute("required", if: isRequired) }
    public static func multiple(_ isMultiple: Bool = true) -> Attribute { Attribute("multiple", if: isMultiple) }
    public static func autocomplete(_ kind: String) -> Attribute { Attribute("autocomplete", kind) }
    public static func autocapitalize(_ kind: String) -> Attribute { Attribute("autocapitalize", kind) }
    public static func autocorrect(_ isOn: Bool) -> Attribute { Attribute("autocorrect", isOn ? "on" : "off") }
    public static func spellcheck(_ isOn: Bool) -> Attribute { Attribute("spellcheck", isOn ? "true" : "false") }
    public static func inputmode(_ mode: String) -> Attribute { Attribute("inputmode", mode) }
    public static func enterkeyhint(_ hint: String) -> Attribute { Attribute("enterkeyhint", hint) }
    public static func pattern(_ pattern: String) -> Attribute { Attribute("pattern", pattern) }
    public static func accept(_ types: String) -> Attribute { Attribute("accept", types) }
    public static func min(_ value: String) -> Attribute { Attribute("min", value) }
    public static func max(_ value: String) -> Attribute { Attribute("max", value) }
    public static func step(_ value: String) -> Attribute { Attribute("step", value) }
    public static func minlength(_ count: Int) -> Attribute { Attribute("minlength", String(count)) }
    public static func maxlength(_ count: Int) -> Attribute { Attribute("maxlength", String(count)) }
    /// Characters that an input is wide; choices that a list shows.
    public static func size(_ count: Int) -> Attribute { Attribute("size", String(count)) }
    public static func rows(_ count: Int) -> Attribute { Attribute("rows", String(count)) }
    public static func cols(_ count: Int) -> Attribute { Attribute("cols", String(count)) }
    public static func list(_ id: String) -> Attribute { Attribute("list", id) }
    public static func label(_ text: String) -> Attribute { Attribute("label", text) }
}
