import Contracts
public import JSON

/// What shipping knows of one order. Each part is nil until there is something of it.
public struct ShipmentState: DefaultInitializable, Equatable {
    var order = ShippedOrder()
    /// With factories.
    var parcels: FactoryParcels?
    /// With partners' warehouses.
    var outbounds: Outbounds?
    /// What the marketplace and the ERP have to learn.
    var uploads: OrderUploads?

    public init() {}

    public static let fields = Fields<ShipmentState>(
        Field("order", \.order), Field("parcels", \.parcels), Field("outbounds", \.outbounds), Field("uploads", \.uploads))
}

/// Whose order it is, and where it came from.
public struct ShippedOrder: DefaultInitializable, Equatable {
    /// From the first event about it; nil until there is one.
    var merchant: String?
    var platform: String?
    var platformOrderNumber: String?
    var channelId: String?

    public init() {}

    init(_ event: Allocated) {
        merchant = event.merchantShopId
        platform = event.platform
        platformOrderNumber = event.platformOrderNumber
        channelId = event.channelId
    }

    public static let fields = Fields<ShippedOrder>(
        Field("merchant", \.merchant), Field("platform", \.platform), Field("platformOrderNumber", \.platformOrderNumber),
        Field("channelId", \.channelId))
}

extension ShipmentState {
    func parcel(_ number: Int) -> Parcel? { parcels?.parcel(number) }
    func outbound(_ number: Int) -> Outbound? { outbounds?.outbound(number) }

    /// The number of an allocation that is shipped by a factory or from a partner's warehouse.
    func shippedNumber(_ number: Int) -> ShippedNumber? {
        if let parcel = parcel(number) {
            guard parcel.stage == .shipped else { return nil }
            return ShippedNumber(
                carrier: parcel.carrier ?? "", waybillNumber: parcel.waybillNumber ?? "", extraNumbers: parcel.extraNumbers,
                returnAddressId: parcel.returnAddressId)
        }
        guard let outbound = outbound(number), outbound.stage == .shipped else { return nil }
        return ShippedNumber(
            carrier: outbound.carrier ?? "", waybillNumber: outbound.waybillNumber ?? "", extraNumbers: outbound.extraNumbers,
            returnAddressId: outbound.returnAddressId)
    }
}
