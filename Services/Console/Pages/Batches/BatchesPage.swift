import Contracts
import HTTP
import Identity
import JSON
import Texts
import Web

/// Batches of a shop, and how far each is. For merchants and factories.
struct BatchesPage: Sendable {
    let pages: ShopPages

    func add(to group: inout ConsoleGroup) {
        group.get("/batches", name: "batches") { (call) throws(Problem) in
            let caller = try call.caller(.merchant, .factory)
            let range = try call.pageRange()
            let page = try pages.desk.keep { (ledger) throws(PeopleError) in try ledger.batches(of: caller.actor, range) }
            return BatchesView(frame: pages.kit.frame(call)).list(page.items, next: page.next.map { "\($0)" })
        }
        group.get("/batches/export", name: "batches-export") { (call) throws(Problem) in
            let caller = try call.caller(.merchant, .factory)
            return try pages.desk.keep { (ledger) throws(PeopleError) in
                try LedgerSheets(ledger: ledger, clock: pages.kit.clock).batches(of: caller)
            }
        }
        group.get("/batches/{batchId}", name: "batch") { (call) throws(Problem) in
            let (batch, refused) = try batch(call)
            return BatchesView(frame: pages.kit.frame(call)).page(batch, refused)
        }
    }

    private func batch(_ call: ConsoleCall) throws(Problem) -> (Batch, [BatchItem]) {
        let caller = try call.caller(.merchant, .factory)
        let id = call["batchId"]
        let found = try pages.desk.keep { (ledger) throws(PeopleError) in try ledger.batch(id, of: caller.actor) }
        guard let found else { throw Problem(.notFound) }
        return (found, try pages.desk.keep { (ledger) throws(PeopleError) in try ledger.items(of: id, in: .refused) })
    }
}
