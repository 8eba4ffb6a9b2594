import Contracts
import Texts
import Web

/// What was wrong with a form, for the summary on top and beside each field.
struct FormErrors: Sendable {
    static let none = FormErrors()

    struct Entry: Sendable {
        /// Id of the input; nil: it concerns no field.
        var field: String?
        var text: String
    }

    private(set) var entries: [Entry] = []
    var isEmpty: Bool { entries.isEmpty }

    mutating func add(_ field: String?, _ text: String) { entries.append(Entry(field: field, text: text)) }

    subscript(field: String) -> String? { entries.first { $0.field == field }?.text }

    init() {}

    /// Why a command was refused: beside the input that its field is typed into, else on top.
    /// - Parameter inputs: ids of inputs by the beginning of the field's path, `sender.phone` for example; one that is missing has its own name.
    init(_ problem: Problem, _ frame: PageFrame, inputs: [String: String] = [:]) {
        let path = problem.field ?? ""
        let field = path.isEmpty ? nil : inputs.first { path.hasPrefix($0.key) }?.value ?? path
        let say = frame.say
        let texts = problem.texts
        let happened = say.has("refusal.\(texts).happened") ? say("refusal.\(texts).happened") : problem.code
        let advice = say.has("refusal.\(texts).advice") ? say("refusal.\(texts).advice") : ""
        add(
            field,
            problem.code == RefusalCode.invalid.rawValue && field != nil
                ? say("error.field", ["field": label(field, say)]) : "\(happened) \(advice)")
    }

    private func label(_ field: String?, _ say: Wording) -> String {
        let name = field.map { $0.split(separator: ".").last.map(String.init) ?? $0 } ?? ""
        return say.has("field.\(name)") ? say("field.\(name)") : name
    }

    /// Before the heading: it has the focus, and each line leads to its field.
    func summary(_ frame: PageFrame) -> HTML {
        guard !isEmpty else { return .empty }
        return div(.class("errors"), .role("alert"), .tabindex(-1), .autofocus()) {
            h2(frame.say("error.title"))
            ul {
                entries.map { entry in
                    li { if let field = entry.field { a(entry.text, .href(.place(field))) } else { HTML(entry.text) } }
                }
            }
        }
    }
}
