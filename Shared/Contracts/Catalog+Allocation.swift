extension Catalog {
    private static let order = CatalogEntry.Key.field("orderId")
    private static let merchant = CatalogEntry.Key.field("merchantShopId")
    private static let owner = ["merchant:<merchantShopId>"]

    static let allocation: [CatalogEntry] = [
        .command(
            Allocate.self, to: .allocation, key: order, by: owner, answers: [Allocated.self],
            refusals: [
                .notFound, .orderCancelled, .riskHeld, .afterSaleOpen, .awaitingAudit, .alreadyAllocated, .quantityExceeded,
                .bindingNotActive, .merchantNotRegistered, .targetNotAvailable,
            ], "A merchant gives an order, or lines of it, to a factory or a warehouse."),
        .command(
            Deallocate.self, to: .allocation, key: order, by: owner, answers: [Deallocated.self],
            refusals: [.notFound, .notAllocated, .alreadySealed], "The merchant takes one allocation back, or all that are not sealed."),
        .command(
            PutRule.self, to: .allocation, key: merchant, by: owner, answers: [RulePut.self],
            "A rule that allocates matching lines of an order by itself when it arrives."),
        .command(
            RemoveRule.self, to: .allocation, key: merchant, by: owner, answers: [RuleRemoved.self], refusals: [.notFound],
            "Removes a rule."),
        .command(
            ApproveOrder.self, to: .allocation, key: order, by: owner + ["factory:<of a factory-dropship order>"],
            answers: [OrderReleased.self], refusals: [.notFound, .orderCancelled], "Ends the hold awaiting-audit."),
        .command(
            Seal.self, to: .allocation, key: order, by: ["service:shipping"], answers: [AllocationSealed.self],
            refusals: [.notFound, .orderCancelled, .riskHeld, .afterSaleOpen, .awaitingAudit, .notAllocated],
            "From shipping: the allocation may no longer be taken back."),
        .command(
            Release.self, to: .allocation, key: order, by: ["service:shipping"], answers: [Deallocated.self],
            refusals: [.notFound, .notAllocated], "From shipping: the partner refused or cancelled a sealed warehouse allocation."),

        .event(OrderRegistered.self, of: .allocation, key: order, "An order is known."),
        .event(
            OrderHeld.self, of: .allocation, key: order, readers: [.shipping], "More holds than before keep the order from being allocated."
        ),
        .event(OrderReleased.self, of: .allocation, key: order, "Fewer holds than before keep the order from being allocated."),
        .event(OrderWasCancelled.self, of: .allocation, key: order, readers: [.shipping], "The order is cancelled, for good."),
        .event(
            Allocated.self, of: .allocation, key: order, readers: [.waybill, .shipping], "Lines of an order are given to a target."),
        .event(Deallocated.self, of: .allocation, key: order, readers: [.waybill, .shipping], "An allocation was taken back."),
        .event(
            RecipientChanged.self, of: .allocation, key: order, readers: [.waybill, .shipping],
            "The recipient of an unsealed allocation changed."),
        .event(AllocationSealed.self, of: .allocation, key: order, readers: [.shipping], "The allocation may no longer be taken back."),
        .event(RulePut.self, of: .allocation, key: merchant, "A rule is in force."),
        .event(RuleRemoved.self, of: .allocation, key: merchant, "A rule is gone."),
    ]
}
