extension Catalog {
    static let orders: [CatalogEntry] = [
        .fact(OrderPlaced.self, "A buyer placed an order; the first one for an orderId counts."),
        .fact(AddressChanged.self, "The recipient is another one; the newest ce_time counts."),
        .fact(AfterSaleOpened.self, "The buyer asked for a refund or a return."),
        .fact(AfterSaleClosed.self, "An after-sale ended, for good; outcome refunded keeps the order from being allocated."),
        .fact(RiskHeld.self, "The platform reviews the order; the newest ce_time counts."),
        .fact(RiskCleared.self, "The platform has cleared the order; the newest ce_time counts."),
        .fact(OrderCancelled.self, "The order is cancelled, for good."),
        .fact(OrderUnallocated.self, "A factory-dropship order was taken back on the platform; the newest ce_time counts."),
        .fact(OrderReassigned.self, "It was given to its factory again on the platform; the newest ce_time counts."),
    ]

    static let tables: [CatalogEntry] = [
        .row(
            ParticipantRow.self, key: .field("shopId"), by: [.binding], readers: [.allocation, .waybill, .shipping],
            "The profile and the addresses of a shop."),
        .row(
            BindingRow.self, key: .joined(["merchantShopId", "factoryShopId"]), by: [.binding], readers: [.allocation],
            "The state of a merchant and a factory."),
        .row(
            RuleRow.self, key: .joined(["merchantShopId", "ruleId"]), by: [.allocation], readers: [.allocation],
            "A rule by which orders are allocated on arrival."),
        .row(
            WarehouseRow.self, key: .field("warehouseId"), by: [.authorization], readers: [.allocation, .shipping],
            "A warehouse of a logistics partner."),
        .row(
            KeyRow.self, key: .joined(["service", "keyId"]), by: [.waybill, .shipping], readers: [.waybill, .shipping],
            "A public key to seal for a service; announced before the service is ready."),
        .row(
            StockRow.self, key: .joined(["warehouseId", "sku"]), by: [.shipping], readers: [],
            "The last known stock of a sku in a partner's warehouse."),
        .row(
            CredentialRow.self, key: .joined(["authorizationId", "service"]), by: [.authorization], readers: [.waybill, .shipping],
            "What one service needs to call a partner, sealed for it alone."),
        .row(
            ChannelRow.self, key: .field("channelId"), by: [.authorization], readers: [.waybill, .shipping],
            "An ERP or marketplace channel with its policy."),
    ]
}
