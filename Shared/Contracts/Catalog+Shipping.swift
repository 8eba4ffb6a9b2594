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
            RetryUpload.self, to: .shipping, key: order, by: ["merchant:<the order's>"],
            answers: [UploadConfirmed.self, UploadFailed.self],
            refusals: [.notFound, .notShipped, .notAuthorized],
            "Tells the marketplace or the ERP a shipped number once more."),
        .command(
            PullStatus.self, to: .shipping, key: orderOrInbound, by: owner, answers: [OutboundStatus.self, InboundStatus.self],
            refusals: [.notFound, .notAuthorized, .partnerRejected],
            "Asks the partner for the state of an outbound or inbound order."),
        .command(
            CreateInbound.self, to: .shipping, key: .field("inboundId"), by: owner, answers: [InboundCreated.self],
            refusals: [.notFound, .notAuthorized, .partnerRejected], "Announces goods to a partner's warehouse."),
        .command(
            CancelOutbound.self, to: .shipping, key: order, by: owner, answers: [OutboundCancelling.self],
            refusals: [.notFound, .notAllocated, .alreadyShipped, .notAuthorized], "Asks the partner to cancel an outbound order."),
        .command(
            PullStock.self, to: .shipping, key: .field("warehouseId"), by: owner + ["service:shipping"], answers: [StockReported.self],
            refusals: [.notFound, .notAuthorized, .partnerRejected], "Asks the partner for the stock of a warehouse."),
        .command(
            ReportStatus.self, to: .shipping, key: orderOrInbound, by: ["partner:<partner>"],
            answers: [OutboundStatus.self, InboundStatus.self, ReportIgnored.self], refusals: [.notFound],
            "A partner reports the state of an outbound or inbound order."),

        .event(Ready.self, of: .shipping, key: order, "The factory has returned a number: the merchant can ship."),
        .event(
            Unready.self, of: .shipping, key: order,
            "The parcel's recipient has changed: it cannot be shipped until the factory returns it anew."),
        .event(Shipped.self, of: .shipping, key: order, readers: [.waybill], "The parcel is shipped under this number."),
        .event(Amended.self, of: .shipping, key: order, "The shipped parcel has another number."),
        .event(UploadConfirmed.self, of: .shipping, key: order, "The marketplace or the ERP has the number."),
        .event(UploadFailed.self, of: .shipping, key: order, "The marketplace or the ERP does not have the number."),
        .event(OutboundCreated.self, of: .shipping, key: order, "The partner has the outbound order."),
        .event(OutboundRejected.self, of: .shipping, key: order, "The partner refused the outbound order for good."),
        .event(OutboundStatus.self, of: .shipping, key: order, "How far the partner is with an outbound order."),
        .event(OutboundCancelling.self, of: .shipping, key: order, "The partner is asked to cancel the outbound order."),
        .event(OutboundCancelled.self, of: .shipping, key: order, "Nothing leaves the warehouse; the allocation is released."),
        .event(OutboundCancelFailed.self, of: .shipping, key: order, "It was too late to cancel: the parcel ships."),
        .event(InboundCreated.self, of: .shipping, key: .field("inboundId"), "The partner has the inbound order."),
        .event(InboundStatus.self, of: .shipping, key: .field("inboundId"), "How far the partner is with an inbound order."),
        .event(StockReported.self, of: .shipping, key: .field("warehouseId"), "What the partner says is in the warehouse."),
        .event(ReportIgnored.self, of: .shipping, key: orderOrInbound, "A partner's report changed nothing."),
    ]
}
