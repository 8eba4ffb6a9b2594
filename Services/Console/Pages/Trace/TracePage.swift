import Contracts
import HTTP
import Identity
import ReadModel
import Web

/// `/o/trace`: the messages of an order or a command, without their contents.
struct TracePage: Sendable {
    let model: any ReadModel
    /// Tells that somebody has looked: the id, and who.
    let told: @Sendable (String, Caller) -> Void
    let kit: PageKit

    /// - Parameter group: of operators.
    func add(to group: inout ConsoleGroup) {
        group.get("/trace", name: "page-trace") { (call) throws(Problem) in
            let frame = kit.frame(call)
            guard let id = call.request.query("id")?.trimmedBlanks, !id.isEmpty else {
                return TracePageView(frame: frame, id: "", messages: nil).response
            }
            let messages = try asked { (model) throws(ReadModelError) in try model.trace(id) }
            if !messages.isEmpty { told(id, try call.caller()) }
            return TracePageView(frame: frame, id: id, messages: messages).response
        }
    }

    private func asked<Result>(_ body: (any ReadModel) throws(ReadModelError) -> Result) throws(Problem) -> Result {
        do throws(ReadModelError) { return try body(model) } catch { throw Problem(error) }
    }
}
