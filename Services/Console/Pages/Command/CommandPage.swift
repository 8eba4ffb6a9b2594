import HTTP
import Identity
import Web

/// `…/commands/<id>`: a command that was sent, and what came of it.
struct CommandPage: Sendable {
    let desk: CommandDesk
    let kit: PageKit

    /// - Parameter group: of a shop, or of operators.
    func add(to group: inout ConsoleGroup) {
        group.get("/commands/{commandId}", name: "page-command") { (call) throws(Problem) in
            guard let command = try desk.command(call["commandId"], of: try call.caller()) else { throw Problem(.notFound) }
            return CommandPageView(frame: kit.frame(call), command: command).response
        }
    }
}
