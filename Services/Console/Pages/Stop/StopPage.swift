import Contracts
import HTTP
import Identity
import ReadModel
import Threads
import Web

/// `/f/<shopId>/stop`: parcels that were voided or readdressed after their label was printed.
struct StopPage: Sendable {
    let pages: ShopPages
    let stops: StopList
    let ledger: any RequestLedger
    let clock: @Sendable () -> Timestamp

    func add(to group: inout ConsoleGroup) {
        group.get("/stop", name: "factory-stop") { (call) throws(Problem) in
            StopView(frame: pages.kit.frame(call), rows: try stops.rows(factory: call["shop"])).page
        }
        group.post("/stop", body: .form(), name: "factory-stop-seen") { (call) throws(Problem) in try see(call) }
    }

    /// Marks what the page showed: one that was stopped again meanwhile stays.
    private func see(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let form = try PageForm(call)
        let frame = pages.kit.frame(call)
        guard let caller = frame.caller else { throw Problem(.forbidden) }
        var seen: [String: Timestamp] = [:]
        for value in form.all("stop") {
            // `<time> <allocationId>`
            guard let blank = value.firstIndex(of: " "), let at = Timestamp(String(value[..<blank])) else { continue }
            seen[String(value[value.index(after: blank)...])] = at
        }
        guard !seen.isEmpty, seen.count <= 1000 else { throw Problem.invalid("stop", "name the parcels that were stopped") }
        do throws(PeopleError) {
            try ledger.see(stops: seen, of: caller.actor, by: caller.userId ?? "", now: clock())
        } catch { throw Problem(error) }
        return .seeOther(frame.link("stop"))
    }
}
