extension Catalog {
    private static let order = CatalogEntry.Key.field("orderId")
    private static let orderOrInbound = CatalogEntry.Key.either("orderId", "inboundId")
    private static let owner = ["merchant:<merchantShopId>"]

    static let shipping: [CatalogEntry] = [
        .command(
            Ship.self, to: .shipping, key: order, by: owner, answers: [Shipped.self],
            refusals: [
                .notFound, .orderCancelled, .riskHeld, .afterSaleOpen, .awaitingAudit, .notAllocated, .waybillNotReturned,
                .returnAddressUnknown, .alreadyShipped,
            ],
            "The merchant ships one allocation, or all that are ready."),
        .command(
            Amend.self, to: .shipping, key: order, by: owner, answers: [Amended.self],
            refusals: [.notFound, .notAllocated, .notShipped, .carrierUnknown, .waybillNumberInvalid, .waybillNumberUsed],
            "Another number for a shipped allocation."),
        .command(
            RetryUpload.self, to: .shipping, key: order, by: ["merchant:<the order's>"], refusals: [.notFound],
            "Tells the marketplace or the ERP a shipped number once more."),
        .command(
            PullStatus.self, to: .shipping, key: orderOrInbound, by: owner, refusals: [.notFound],
            "Asks the partner for the state of an outbound or inbound order."),
        .command(
            CreateInbound.self, to: .shipping, key: .field("inboundId"), by: owner, refusals: [.notFound],
            "Announces goods to a partner's warehouse."),
        .command(
            CancelOutbound.self, to: .shipping, key: order, by: owner, refusals: [.notFound],
            "Asks the partner to cancel an outbound order."),
        .command(
            PullStock.self, to: .shipping, key: .field("warehouseId"), by: owner, refusals: [.notFound],
            "Asks the partner for the stock of a warehouse."),
        .command(
            ReportStatus.self, to: .shipping, key: orderOrInbound, by: ["partner:<partner>"], refusals: [.notFound],
            "A partner reports the state of an outbound or inbound order."),

        .event(Ready.self, of: .shipping, key: order, "The factory has returned a number: the merchant can ship."),
        .event(Shipped.self, of: .shipping, key: order, "The parcel is shipped under this number."),
        .event(Amended.self, of: .shipping, key: order, "The shipped parcel has another number."),
    ]
}
