import Contracts
import HTTP
import JSON
import Texts
import Web

/// Channels of a shop.
struct ChannelsView {
    let frame: PageFrame

    func list(_ rows: [ChannelRow], _ errors: FormErrors = .none, status: Int = 200) -> HTTPResponse {
        let new =
            a(frame.say("channels.new.title"), .href(frame.link("channels", "new")), .class("button main"))
            + frame.export("channels")
        return frame.page(frame.say("channels.title"), screen: "channels", status: status, errors: errors, actions: new) {
            frame.notice
            if rows.isEmpty {
                frame.empty("channels", isFiltered: false, first: frame.link("channels", "new"))
            } else {
                frame.tableRegion(
                    frame.say("channels.caption"), head: ["name", "platform", "shopId", "state", "policy", ""]
                ) { rows.map { row($0) } }
            }
            frame.help("Z14", "Z15", "Z16")
        }
    }

    private func row(_ row: ChannelRow) -> HTML {
        tr {
            th(.scope("row"), .class("stay")) {
                row.name
                span(.class("under")) { frame.number(row.channelId) }
            }
            td(frame.named("platform", row.platform))
            td { frame.number(row.platformShopId ?? "") }
            td {
                frame.badge("channel", row.state.rawValue)
                if let id = row.authorizationId {
                    span(.class("under")) { a(frame.say("column.authorization"), .href(frame.link("authorizations", id))) }
                }
            }
            td { policy(row.policy) }
            td(.class("do")) {
                if row.platform == Platform.pinduoduo.rawValue {
                    frame.action(
                        "complete", to: frame.link("channels", row.channelId, "authorize"), named: row.name,
                        style: row.state == .active ? "" : "main")
                }
                a(
                    frame.say("action.set-policy"), .href(frame.link("channels", row.channelId, "policy")), .class("button"),
                    .aria("label", frame.say("action.set-policy.named", ["name": row.name])))
            }
        }
    }

    private func policy(_ policy: ChannelPolicy?) -> HTML {
        guard let policy else { return HTML(frame.say("channels.policy.none")) }
        let set = [
            ("downloadOrders", policy.downloadOrders), ("transferToAudit", policy.transferToAudit && frame.isMerchant),
            ("uploadLogistics", policy.uploadLogistics), ("syncStock", policy.syncStock),
        ].filter(\.1)
        return HTML {
            if set.isEmpty { frame.say("app.none") }
            set.map { name, _ in div(frame.say("field.\(name)")) }
        }
    }
}

/// The form of a new channel: what its platform requires.
struct ChannelForm {
    /// What stands in the inputs; secrets never come back.
    struct Typed: Sendable {
        var platform = Platform.pinduoduo
        var name = ""
        var platformShopId = ""
        var contact = ""
        var phone = ""
        var company = ""
        var appKey = ""

        init() {}
        init(_ form: PageForm) {
            platform = Platform(rawValue: form["platform"]) ?? .pinduoduo
            (name, platformShopId) = (form["channelName"].trimmedBlanks, form["platformShopId"].trimmedBlanks)
            (contact, phone) = (form["contact"].trimmedBlanks, form["phone"].trimmedBlanks)
            (company, appKey) = (form["company"].trimmedBlanks, form["appKey"].trimmedBlanks)
        }
    }

    let frame: PageFrame
    let typed: Typed

    func mistakes(secret: String) -> FormErrors {
        let needed =
            typed.platform == .jackyun
            ? [("channelName", typed.name), ("appKey", typed.appKey), ("appSecret", secret)]
            : [
                ("channelName", typed.name), ("platformShopId", typed.platformShopId), ("contact", typed.contact), ("phone", typed.phone),
                ("company", typed.company),
            ]
        var errors = FormErrors()
        for (name, value) in needed where value.isEmpty { errors.add(name, frame.required(name)) }
        return errors
    }

    func page(_ errors: FormErrors = .none, status: Int = 200) -> HTTPResponse {
        frame.page(frame.say("channels.new.title"), screen: "channels", status: status, errors: errors) {
            p(frame.say("channels.new.intro"))
            frame.tabs(
                frame.say("field.platform"), parameter: "platform", selected: typed.platform.rawValue,
                of: Platform.allCases.map { ($0.rawValue, frame.named("platform", $0.rawValue), nil) },
                base: [frame.isFactory ? "f" : "m", frame.shop ?? "", "channels", "new"])
            form(.method("post"), .action(frame.link("channels"))) {
                frame.hiddenFields
                Web.hidden("platform", typed.platform.rawValue)
                frame.field("channelName", value: typed.name, errors: errors)
                if typed.platform == .jackyun {
                    frame.field("appKey", value: typed.appKey, errors: errors)
                    frame.field("appSecret", errors: errors, type: "password")
                } else {
                    frame.field("platformShopId", value: typed.platformShopId, errors: errors)
                    frame.field("contact", value: typed.contact, errors: errors, autocomplete: "name")
                    frame.field("phone", value: typed.phone, errors: errors, type: "tel", autocomplete: "tel")
                    frame.field("company", value: typed.company, errors: errors, autocomplete: "organization")
                }
                frame.buttons(frame.say("form.save"), back: frame.link("channels"))
            }
            frame.help("Z14")
        }
    }
}

/// 策略配置: what a channel does.
struct PolicyView {
    /// What a channel does that was told nothing.
    static let nothing = ChannelPolicy(
        downloadOrders: false, orderTypes: [], transferToAudit: false, uploadLogistics: false, syncStock: false)

    let frame: PageFrame
    let row: ChannelRow
    let typed: ChannelPolicy

    /// A factory's channel downloads orders of both kinds, a merchant's its own only.
    private var types: [OrderType] { frame.isFactory ? OrderType.allCases : [.own] }

    func page(_ errors: FormErrors = .none, isChanged: Bool = false, status: Int = 200) -> HTTPResponse {
        frame.page(
            frame.say("channels.policy.title", ["name": row.name]), screen: "channels", status: status, errors: errors
        ) {
            if isChanged {
                div(.class("message warn"), .role("alert")) {
                    h2(frame.say("form.changed.title"))
                    p(frame.say("form.changed.text"))
                }
            }
            form(.method("post"), .action(frame.link("channels", row.channelId, "policy"))) {
                frame.hiddenFields
                Web.hidden("seen", "\(row.version)")
                frame.tick("downloadOrders", text: frame.say("field.downloadOrders"), isTicked: typed.downloadOrders)
                fieldset(.class("field")) {
                    legend(frame.say("field.orderTypes"))
                    types.map { type in
                        frame.tick(
                            "type-\(type.rawValue)", text: frame.say("orderType.\(type.rawValue)"),
                            isTicked: typed.orderTypes.contains(type),
                            errors: errors)
                    }
                }
                if !frame.isFactory {
                    frame.tick("transferToAudit", text: frame.say("field.transferToAudit"), isTicked: typed.transferToAudit)
                }
                frame.tick("uploadLogistics", text: frame.say("field.uploadLogistics"), isTicked: typed.uploadLogistics)
                if !frame.isFactory { frame.tick("syncStock", text: frame.say("field.syncStock"), isTicked: typed.syncStock) }
                frame.buttons(frame.say("form.save"), back: frame.link("channels"))
            }
            frame.help("Z16", "Z17")
        }
    }
}
