import Contracts
import JSON
import Texts
import Web

/// A person with an address, as it is typed.
struct AddressText: Sendable, Equatable {
    var name = ""
    var phone = ""
    var country = "CN"
    var province = ""
    var city = ""
    var district = ""
    var town = ""
    var detail = ""
    var postcode = ""

    init() {}

    init(_ form: PageForm) {
        (name, phone) = (form["sender"].trimmedBlanks, form["phone"].trimmedBlanks)
        country = form.text("country") ?? "CN"
        (province, city, district) = (form["province"].trimmedBlanks, form["city"].trimmedBlanks, form["district"].trimmedBlanks)
        (town, detail, postcode) = (form["town"].trimmedBlanks, form["detail"].trimmedBlanks, form["postcode"].trimmedBlanks)
    }

    init(name: String, phone: String, _ address: Address) {
        (self.name, self.phone) = (name, phone)
        (country, province, city, district) = (address.country, address.province, address.city, address.district)
        (town, detail, postcode) = (address.town ?? "", address.detail, address.postcode ?? "")
    }

    var address: JSONValue {
        .fields([
            "country": .string(country), "province": .string(province), "city": .string(city), "district": .string(district),
            "town": town.isEmpty ? nil : .string(town), "detail": .string(detail), "postcode": postcode.isEmpty ? nil : .string(postcode),
        ])
    }

    /// `{name, phone, address}`
    var person: JSONValue { .object([("name", .string(name)), ("phone", .string(phone)), ("address", address)]) }

    /// One line.
    static func line(_ address: Address) -> String {
        [address.province, address.city, address.district, address.town ?? "", address.detail].filter { !$0.isEmpty }
            .joined(separator: " ")
    }
}

extension PageFrame {
    /// Ids of the inputs by the fields of a command's data.
    /// - Parameter prefix: `sender.` where the person stands in a field of its own.
    static func addressInputs(_ prefix: String = "") -> [String: String] {
        var inputs = ["\(prefix)name": "sender", "\(prefix)phone": "phone"]
        for name in ["country", "province", "city", "district", "town", "detail", "postcode"] { inputs["\(prefix)address.\(name)"] = name }
        return inputs
    }

    /// Inputs of a person and the address.
    /// - Parameter nameHint: as ``field(_:value:label:hint:errors:type:autocomplete:isRequired:width:_:)`` takes it.
    func addressFields(_ values: AddressText, errors: FormErrors, nameLabel: String = "sender", nameHint: String? = nil) -> HTML {
        HTML {
            field("sender", value: values.name, label: nameLabel, hint: nameHint, errors: errors, autocomplete: "name")
            field("phone", value: values.phone, errors: errors, type: "tel", autocomplete: "tel")
            placeFields(values, errors: errors)
        }
    }

    private func placeFields(_ values: AddressText, errors: FormErrors) -> HTML {
        let countries = ["CN", "VN"] + (["CN", "VN"].contains(values.country) ? [] : [values.country])
        return HTML {
            choice(
                "country", value: values.country, of: countries.map { ($0, named("field.country", $0)) }, errors: errors)
            field("province", value: values.province, errors: errors, autocomplete: "address-level1")
            field("city", value: values.city, errors: errors, autocomplete: "address-level2")
            field("district", value: values.district, errors: errors, autocomplete: "address-level3", isRequired: false)
            field("town", value: values.town, errors: errors, autocomplete: "address-level4", isRequired: false)
            field("detail", value: values.detail, errors: errors, autocomplete: "street-address", width: "wide")
            field("postcode", value: values.postcode, errors: errors, autocomplete: "postal-code", isRequired: false, width: "narrow")
        }
    }

    /// What is missing of a person and the address, before anything is sent.
    func check(_ values: AddressText, _ errors: inout FormErrors) {
        let needed = [
            ("sender", values.name), ("phone", values.phone), ("province", values.province), ("city", values.city),
            ("detail", values.detail),
        ]
        for (name, value) in needed where value.isEmpty { errors.add(name, required(name)) }
    }

    /// "Enter …"
    func required(_ name: String) -> String { say("error.required", ["field": say("field.\(name)")]) }
}
