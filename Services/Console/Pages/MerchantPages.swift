import Web

/// The pages of merchants, below `/m/<shopId>`.
struct MerchantPages: Sendable {
    let pages: ShopPages
    let imports: any ImportTaking

    func add(to group: inout ConsoleGroup) {
        MerchantTodoPage(pages: pages).add(to: &group)
        MerchantSetupPage(pages: pages).add(to: &group)
        FactoriesPage(pages: pages).add(to: &group)
        let orders = OrdersPage(pages: pages)
        let names: @Sendable (String) throws(Problem) -> TargetNames = orders.names
        orders.add(to: &group)
        AllocatePage(pages: pages, names: names).add(to: &group)
        OrderStepsPage(pages: pages, names: names).add(to: &group)
        AddressesPage(pages: pages).add(to: &group)
        RulesPage(pages: pages, names: names).add(to: &group)
        ImportsPage(pages: pages, desk: imports).add(to: &group)
        FulfilmentPage(pages: pages).add(to: &group)
        WarehousesPage(pages: pages).add(to: &group)
        InboundsPage(pages: pages).add(to: &group)
    }
}
