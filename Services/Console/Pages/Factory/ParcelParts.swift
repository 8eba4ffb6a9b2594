import Contracts
import ReadModel
import Texts
import Web

/// What pages show of parcels: the closed list alone (contract, section 4).
extension PageFrame {
    func carrierName(_ code: String) -> String { say.has("carrier.\(code)") ? say("carrier.\(code)") : code }

    /// A carrier to choose.
    func carrierChoice(value: String, errors: FormErrors = .none) -> HTML {
        choice("carrier", value: value, of: CarrierCodes.all.map { ($0, carrierName($0)) }, errors: errors)
    }

    func goods(_ parcel: ParcelView) -> HTML {
        HTML {
            parcel.lines.map { line in
                div {
                    HTML("\(line.name) × \(language.grouped(line.quantity))")
                    if !line.spec.isEmpty { span(line.spec, .class("under")) }
                }
            }
            if !parcel.remark.isEmpty { span("\(say("column.remark")): \(parcel.remark)", .class("under")) }
        }
    }

    func area(_ parcel: ParcelView) -> String {
        parcel.area.map { [$0.province, $0.city, $0.district].filter { !$0.isEmpty }.joined(separator: " ") } ?? ""
    }

    /// State in words; what must be stopped says so.
    func parcelState(_ parcel: ParcelView) -> HTML {
        HTML {
            badge("parcel", parcel.state.rawValue)
            if let stage = parcel.stage { span(say("state.stage.\(stage.rawValue)"), .class("under")) }
            if parcel.readdressed == true { span(say("state.parcel.readdressed"), .class("badge bad")) }
        }
    }

    func numbers(_ parcel: ParcelView) -> HTML {
        HTML {
            if let waybill = parcel.waybillNumber {
                number(waybill)
                span(.class("under")) {
                    HTML(parcel.carrier.map { carrierName($0) } ?? "")
                    if parcel.copies > 0 { HTML(" · \(say("column.copies")) \(language.grouped(parcel.copies))") }
                }
                (parcel.extraNumbers ?? []).map { extra in span(.class("under")) { number(extra) } }
            }
        }
    }

    func parcelLink(_ parcel: ParcelView) -> HTML {
        a(.href(link("parcels", parcel.allocationId)), .class("number"), .translate(false)) { parcel.allocationId }
    }

    /// A hidden field for each parcel.
    func parcelFields(_ ids: [String]) -> HTML { HTML { ids.map { Web.hidden("allocationId", $0) } } }
}

extension Wording {
    /// A text with its slots as they are, which a script fills; the plural of one thing is the general one where there is no other.
    func forScript(_ key: String) -> String {
        if has(key) { return self(key) }
        return key.hasSuffix("_one") ? self("\(key.dropLast(4))_other") : self(key)
    }
}
