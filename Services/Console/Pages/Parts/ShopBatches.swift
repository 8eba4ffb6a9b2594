import Contracts
import HTTP
import Identity
import JSON
import Web

extension ShopPages {
    /// Sends many commands of one kind as a batch and leads to its page; a single one alone, and to `done`.
    func send(
        _ call: ConsoleCall, _ service: ServiceName, _ command: String, items: [JSONValue], key: String, done: Link,
        retryOf: String? = nil, refused: @escaping @Sendable (PageFrame, Problem) -> HTTPResponse
    ) throws(Problem) -> RouteAnswer {
        if items.count == 1, retryOf == nil, let only = items.first {
            return try commands.send(call, service, command, only, key: key, done: done, refused: refused)
        }
        let later = LaterAnswer()
        sendBatch(call, service, command, items: items, key: key, retryOf: retryOf, later: later, refused: refused)
        return .later(later)
    }

    /// Sends a batch, and the page that follows to `later`.
    func sendBatch(
        _ call: ConsoleCall, _ service: ServiceName, _ command: String, items: [JSONValue], key: String, retryOf: String? = nil,
        later: LaterAnswer, refused: @escaping @Sendable (PageFrame, Problem) -> HTTPResponse
    ) {
        let frame = kit.frame(call)
        guard let caller = frame.caller, let name = CommandName(service: service.rawValue, command: command) else {
            later.send(refused(frame, Problem(.forbidden)))
            return
        }
        let order = BatchOrder(name, items: items.map(\.json), retryOf: retryOf)
        let digest = JSONValue.array(items).json
        do throws(Problem) {
            try batches.send(
                order, caller, PageCommands.idempotency(caller, key, "batch \(service.rawValue)/\(command)", digest),
                call.request.traceparent
            ) { answer in
                switch answer {
                case .success(let batch): later.send(.seeOther(frame.link("batches", batch.batchId)))
                case .failure(let problem): later.send(refused(frame, problem).repeatable(problem, call))
                }
            }
        } catch { later.send(refused(frame, error)) }
    }
}
