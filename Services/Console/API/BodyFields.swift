import Contracts
import JSON
import Texts
import Web

/// The fields of a JSON body that are looked at one by one.
struct BodyFields {
    private let document: JSONValue

    /// - Parameter names: The fields that the request may have, as a refusal names them.
    /// - Throws: 400 for what is no object. Fields that are not asked for are ignored.
    init(_ body: [UInt8], _ names: [String]) throws(Problem) {
        do throws(JSONError) { document = try JSONValue.decode(body) } catch { throw Problem.invalid("body", "\(error)") }
        guard case .object = document else {
            throw Problem.invalid("body", "send a JSON object with \(names.joined(separator: ", "))")
        }
    }

    var isEmpty: Bool { if case .object(let members) = document { members.isEmpty } else { true } }

    func text(_ name: String) throws(Problem) -> String {
        guard let text = try optionalText(name) else { throw Problem.invalid(name, "it is missing: give a text") }
        return text
    }

    func optionalText(_ name: String) throws(Problem) -> String? {
        guard let value = optional(name) else { return nil }
        guard let text = value.string else { throw Problem.invalid(name, "it is a text") }
        return text
    }

    /// False when it is absent.
    func flag(_ name: String) throws(Problem) -> Bool {
        guard let value = optional(name) else { return false }
        guard case .bool(let flag) = value else { throw Problem.invalid(name, "it is true or false") }
        return flag
    }

    /// Nil for what is no array.
    func array(_ name: String) -> [JSONValue]? { document[name]?.array }

    /// Nil for anything else than an array of texts.
    func texts(_ name: String) -> [String]? {
        guard let values = array(name) else { return nil }
        let texts = values.compactMap(\.string)
        return texts.count == values.count ? texts : nil
    }

    /// A field that is null is absent.
    private func optional(_ name: String) -> JSONValue? {
        guard let value = document[name], value != .null else { return nil }
        return value
    }

    func language() throws(Problem) -> Language {
        guard let language = try optionalLanguage() else { throw Problem.invalid("language", "it is missing: zh, vi or en") }
        return language
    }

    func optionalLanguage() throws(Problem) -> Language? {
        guard let text = try optionalText("language") else { return nil }
        guard let language = Language(rawValue: text) else { throw Problem.invalid("language", "it is zh, vi or en") }
        return language
    }
}
