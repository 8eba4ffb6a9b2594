extension Catalog {
    private static let order = CatalogEntry.Key.field("orderId")
    private static let owner = ["factory:<factoryShopId>"]

    static let waybill: [CatalogEntry] = [
        .command(
            TopUp.self, to: .waybill, key: .field("factoryShopId"), by: owner, answers: [ToppedUp.self],
            refusals: [.carrierUnknown, .waybillNumberInvalid], "A segment of numbers that a carrier gave to a factory."),
        .command(
            Obtain.self, to: .waybill, key: order, by: owner, answers: [Obtained.self],
            refusals: [
                .notFound, .notAllocated, .carrierUnknown, .waybillAlreadyReturned, .numberPoolEmpty, .waybillNumberUsed, .notAuthorized,
                .partnerRejected,
            ],
            "Takes a number from the factory's pool, or from the platform that gave it the order; again for the same carrier: the same number."
        ),
        .command(
            MarkPrinted.self, to: .waybill, key: order, by: owner, answers: [Printed.self],
            refusals: [.notFound, .notAllocated, .waybillNotObtained], "The label was printed once more."),
        .command(
            Return.self, to: .waybill, key: order, by: owner + ["service:waybill"], answers: [Returned.self],
            refusals: [
                .notFound, .notAllocated, .carrierUnknown, .waybillNumberInvalid, .waybillNumberUsed, .waybillAlreadyReturned,
                .notAuthorized, .partnerRejected,
            ], "The factory has sent the parcel and gives its number back."),
        .command(
            Cancel.self, to: .waybill, key: order, by: owner, answers: [WaybillCancelled.self],
            refusals: [.notFound, .notAllocated, .waybillNotObtained, .waybillAlreadyReturned, .notAuthorized, .partnerRejected],
            "The number is not used for this allocation after all."),
        .command(
            Claim.self, to: .waybill, key: order, by: ["service:shipping"], answers: [Claimed.self],
            refusals: [.notFound, .notAllocated, .carrierUnknown, .waybillNumberInvalid, .waybillNumberUsed, .waybillNotReturned],
            "From shipping, for amend: another number for a returned parcel."),

        .event(ToppedUp.self, of: .waybill, key: .field("factoryShopId"), "The segment is in the pool."),
        .event(Opened.self, of: .waybill, key: order, "What a factory may see of an allocation: a closed list."),
        .event(Obtained.self, of: .waybill, key: order, "The allocation has a number."),
        .event(Printed.self, of: .waybill, key: order, "How often the label was printed."),
        .event(Returned.self, of: .waybill, key: order, readers: [.shipping], "The parcel is sent under this number."),
        .event(
            WaybillCancelled.self, of: .waybill, key: order, "The number is not used for this allocation any more; it stays bound to it."),
        .event(Claimed.self, of: .waybill, key: order, readers: [.shipping], "The number is bound to the allocation."),
        .event(
            Readdressed.self, of: .waybill, key: order, readers: [.shipping],
            "The recipient has changed since the label was printed: the parcel is printed and returned anew."),
        .event(
            Voided.self, of: .waybill, key: order, readers: [.shipping],
            "The allocation was taken back; the stage tells how far its parcel was."),
        .event(
            RecipientResealed.self, of: .waybill, key: order, readers: [.shipping],
            "The recipient of a warehouse allocation, sealed for shipping."),
        .event(
            RecipientRefused.self, of: .waybill, key: order, readers: [.shipping],
            "The recipient of a warehouse allocation cannot be had, for good; shipping gives the allocation up."),
        .event(ERPOrderCreated.self, of: .waybill, key: order, "The factory's ERP has the parcel as an order."),
        .event(ERPOrderCancelled.self, of: .waybill, key: order, "An allocation was taken back; its order in the ERP is cancelled."),
        .event(ERPOrderFailed.self, of: .waybill, key: order, "The factory's ERP refused it for good."),
        .event(
            NumberFetchFailed.self, of: .waybill, key: .field("channelId"), "The factory's ERP does not tell which numbers it has shipped."),

        .internal(PoolTake.self, "A parcel asks its factory's pool for a number."),
        .internal(NumberClaim.self, "A parcel, or a pool on its behalf, asks for a number."),
        .internal(NumberSettle.self, "Whether a number that is held stays with its parcel."),
        .internal(ParcelAnswer.self, "What a parcel hears of its request."),
    ]
}
