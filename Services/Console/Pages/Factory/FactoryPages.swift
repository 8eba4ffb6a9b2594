import Identity
import ReadModel
import Threads
import Web

/// The pages of factories, below `/f/<shopId>`.
struct FactoryPages: Sendable {
    let pages: ShopPages
    let ledger: any RequestLedger
    let labels: any LabelOpening
    let clock: @Sendable () -> Timestamp

    func add(to group: inout ConsoleGroup) {
        let stops = StopList(model: pages.model, ledger: ledger)
        FactoryTodoPage(pages: pages, stops: stops).add(to: &group)
        FactorySetupPage(pages: pages).add(to: &group)
        MerchantsPage(pages: pages).add(to: &group)
        ParcelsPage(pages: pages).add(to: &group)
        ParcelPage(pages: pages).add(to: &group)
        SelectionPage(pages: pages).add(to: &group)
        PrintPage(pages: pages, labels: labels).add(to: &group)
        ReturnPage(pages: pages).add(to: &group)
        ReturnListPage(pages: pages).add(to: &group)
        StopPage(pages: pages, stops: stops, ledger: ledger, clock: clock).add(to: &group)
        PoolsPage(pages: pages).add(to: &group)
    }
}

/// Who makes labels, for the page that asks for them.
protocol LabelOpening: Sendable {
    func open(
        _ request: PrintRequest, of caller: Caller, traceparent: String?, _ done: @escaping @Sendable (LabelDesk.Outcome) -> Void
    ) throws(Problem)
}

extension LabelDesk: LabelOpening {}
