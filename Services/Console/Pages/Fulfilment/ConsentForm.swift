import Contracts
import HTTP
import JSON
import ReadModel
import Texts
import Web

/// The data that a consent needs, with from whom to get each.
struct ConsentForm {
    /// What stands in the inputs; secrets never come back.
    struct Typed: Sendable {
        /// Of an authorization that is asked for again; empty: a new one.
        var authorizationId = ""
        var answer: String?
        var mode = AuthorizationMode.convenient
        var dailyOrders = ""
        var pin = ""
        var departmentCode = ""
        var warehouseCode = ""
        var appKey = ""
        var shopNo = ""
        var supplierNo = ""
        var carrierCode = ""
        var isvSource = ""
        var api = ""

        init() {}

        init(_ form: PageForm) {
            authorizationId = form["authorizationId"]
            answer = form.text("answer")
            mode = AuthorizationMode(rawValue: form["mode"]) ?? .convenient
            dailyOrders = form["dailyOrders"].trimmedBlanks
            (pin, departmentCode) = (form["pin"].trimmedBlanks, form["departmentCode"].trimmedBlanks)
            (warehouseCode, appKey) = (form["warehouseCode"].trimmedBlanks, form["appKey"].trimmedBlanks)
            (shopNo, supplierNo) = (form["shopNo"].trimmedBlanks, form["supplierNo"].trimmedBlanks)
            (carrierCode, isvSource) = (form["carrierCode"].trimmedBlanks, form["isvSource"].trimmedBlanks)
            api = WarehouseAPI(rawValue: form["api"])?.rawValue ?? ""
        }

        /// What is known of an authorization that is asked for again.
        mutating func take(_ row: AuthorizationView) {
            authorizationId = row.authorizationId
            mode = row.mode.flatMap { AuthorizationMode(rawValue: $0) } ?? mode
            (pin, departmentCode, warehouseCode) = (row.pin ?? "", row.departmentCode ?? "", row.warehouseCode ?? "")
        }

        func optional(_ text: String) -> JSONValue? { text.isEmpty ? nil : .string(text) }
    }

    let frame: PageFrame
    let typed: Typed
    /// From whom to get what a field asks for, by the field.
    let obtainFrom: [String: String]

    func mistakes(secret: String) -> FormErrors {
        var errors = FormErrors()
        let needed = [("pin", typed.pin), ("departmentCode", typed.departmentCode), ("warehouseCode", typed.warehouseCode)]
        for (name, value) in needed where value.isEmpty { errors.add(name, frame.required(name)) }
        guard typed.mode == .standard else { return errors }
        if typed.appKey.isEmpty { errors.add("appKey", frame.required("appKey")) }
        if secret.isEmpty { errors.add("appSecret", frame.required("appSecret")) }
        return errors
    }

    func page(_ errors: FormErrors = .none, status: Int = 200) -> HTTPResponse {
        frame.page(frame.named("mode", typed.mode.rawValue), screen: "fulfilment", status: status, errors: errors) {
            ConsentSteps(frame: frame, at: 0).html
            div(.class("message warn")) { p(frame.say("authorizations.pin.text")) }
            form(.method("post"), .action(frame.link("fulfilment", "begin"))) {
                frame.hiddenFields
                Web.hidden("mode", typed.mode.rawValue)
                Web.hidden("authorizationId", typed.authorizationId)
                Web.hidden("dailyOrders", typed.dailyOrders)
                Web.hidden("answer", typed.answer ?? "")
                input("pin", typed.pin, errors)
                input("departmentCode", typed.departmentCode, errors)
                input("warehouseCode", typed.warehouseCode, errors)
                if typed.mode == .standard {
                    input("appKey", typed.appKey, errors)
                    frame.field(
                        "appSecret", hint: hint("appSecret") ?? frame.say("field.appSecret.hint"), errors: errors, type: "password",
                        autocomplete: "off")
                }
                input("shopNo", typed.shopNo, errors, isRequired: false)
                input("supplierNo", typed.supplierNo, errors, isRequired: false)
                details(.class("fold")) {
                    summary(frame.say("app.more"))
                    input("carrierCode", typed.carrierCode, errors, isRequired: false)
                    input("isvSource", typed.isvSource, errors, isRequired: false)
                    frame.choice(
                        "api", value: typed.api,
                        of: [("", frame.say("app.none"))] + WarehouseAPI.allCases.map { ($0.rawValue, $0.rawValue) })
                }
                frame.buttons(frame.say("form.continue"), back: frame.link("fulfilment"))
            }
            frame.help("V3", "V4", "V7")
        }
    }

    private func hint(_ name: String) -> String? {
        obtainFrom[name].flatMap { $0.isEmpty ? nil : frame.say("fulfilment.obtainFrom", ["text": $0]) }
    }

    private func input(_ name: String, _ value: String, _ errors: FormErrors, isRequired: Bool = true) -> HTML {
        frame.field(name, value: value, hint: hint(name), errors: errors, isRequired: isRequired, .spellcheck(false))
    }
}

/// How far the wizard is.
struct ConsentSteps {
    private static let names = ["data", "prerequisites", "login", "result"]

    let frame: PageFrame
    /// Index of the step that is to be done.
    let at: Int

    var html: HTML {
        ol(.class("steps")) {
            Self.names.enumerated().map { index, name in
                li(Attribute.class("done").when(index < at), Attribute.aria("current", "step").when(index == at)) {
                    span(frame.say("fulfilment.step.\(name)"))
                }
            }
        }
    }
}
