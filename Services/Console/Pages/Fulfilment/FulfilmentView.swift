import Contracts
import HTTP
import Identity
import JSON
import Texts
import Web

/// Services that can be linked, and the two ways to do it.
struct FulfilmentView {
    /// What stands in the inputs.
    struct Questions: Sendable {
        var dailyOrders = ""
        /// `yes`, `no`, or empty: not said.
        var canObtainAppKey = ""
    }

    /// A service that can be linked, as authorization lists it.
    struct Offer: Sendable {
        var provider: String
        var name: String
        var modes: [String]
        /// By mode: fields, and from whom to get them.
        var fields: [String: [(field: String, from: String)]]
        var recommended: String?

        func obtainFrom(_ mode: String) -> [String: String] {
            Dictionary((fields[mode] ?? []).map { ($0.field, $0.from) }) { first, _ in first }
        }

        /// Of the answer to `list-providers`; nil: it is none.
        static func read(_ sent: SentCommand, _ language: Language) -> [Offer]? {
            let events = sent.events.compactMap { try? JSONValue.decode($0) }
            guard let event = events.first(where: { $0["type"]?.string == ProvidersListed.type }) else { return nil }
            return (event["data"]?["providers"]?.array ?? []).compactMap { row in
                guard let provider = row["provider"]?.string else { return nil }
                let modes = row["modes"]?.array ?? []
                var fields: [String: [(field: String, from: String)]] = [:]
                for mode in modes {
                    fields[mode["mode"]?.string ?? ""] = (mode["requiredFields"]?.array ?? []).compactMap { field in
                        field["field"]?.string.map { ($0, text(field["obtainFrom"], language)) }
                    }
                }
                return Offer(
                    provider: provider, name: text(row["name"], language), modes: modes.compactMap { $0["mode"]?.string }, fields: fields,
                    recommended: row["recommendedMode"]?.string)
            }
        }

        /// A text of `{zh, vi, en}`.
        static func text(_ value: JSONValue?, _ language: Language) -> String { value?[language.rawValue]?.string ?? "" }
    }

    let frame: PageFrame
    /// nil: not asked yet.
    let offers: [Offer]?
    let typed: Questions
    let answer: String?

    func page(_ errors: FormErrors = .none, status: Int = 200) -> HTTPResponse {
        frame.page(frame.say("fulfilment.title"), screen: "fulfilment", status: status, errors: errors) {
            p(frame.say("fulfilment.intro"))
            section(.class("card")) {
                p(frame.say("fulfilment.questions"))
                form(.method("post"), .action(frame.link("fulfilment"))) {
                    frame.hiddenFields
                    frame.field(
                        "dailyOrders", value: typed.dailyOrders, errors: errors, isRequired: false, width: "narrow", .inputmode("numeric"))
                    frame.choice(
                        "canObtainAppKey", value: typed.canObtainAppKey,
                        of: [("", frame.say("app.unknown")), ("yes", frame.say("app.yes")), ("no", frame.say("app.no"))], errors: errors)
                    button(frame.say("form.continue"), .class("button main"))
                }
            }
            if let offers {
                if offers.isEmpty { div(.class("empty")) { p(frame.say("fulfilment.empty")) } } else { offers.map { card($0) } }
            }
            div(.class("message warn")) { p(frame.say("authorizations.pin.text")) }
            frame.help("V1", "V2", "V3", "V4", "V5", "V7")
        }
    }

    private func card(_ offer: Offer) -> HTML {
        section(.class("card")) {
            h2(offer.name.isEmpty ? frame.named("provider", offer.provider) : offer.name)
            div(.class("columns")) {
                offer.modes.map { mode in way(offer, mode) }
            }
        }
    }

    private func way(_ offer: Offer, _ mode: String) -> HTML {
        section {
            h3 {
                frame.named("mode", mode)
                if offer.recommended == mode { span(" \(frame.say("fulfilment.recommended"))", .class("badge good")) }
            }
            p(frame.say.has("fulfilment.\(mode).text") ? frame.say("fulfilment.\(mode).text") : "")
            ul {
                (offer.fields[mode] ?? []).map { entry in
                    li {
                        strong(frame.named("field", entry.field))
                        if !entry.from.isEmpty { span(frame.say("fulfilment.obtainFrom", ["text": entry.from]), .class("small")) }
                    }
                }
            }
            a(
                frame.say("form.continue"), .class(offer.recommended == mode ? "button main" : "button"),
                .href(
                    frame.link(
                        "fulfilment", "begin", query: [("mode", mode), ("answer", answer), ("dailyOrders", typed.dailyOrders)])),
                .aria("label", "\(frame.say("form.continue")): \(frame.named("mode", mode))"))
        }
    }
}
