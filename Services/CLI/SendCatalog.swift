import Contracts
import JSON

/// A message that a person may send: its name, where it goes, and how its data is checked.
struct CatalogEntry: Sendable {
    /// `allocate`.
    let name: String
    let type: String
    let topic: String
    /// Where it is answered; nil for facts, which need not be.
    let answers: String?
    /// The contract's key field: `orderId`.
    let keyField: String
    /// Reads the data as its service will, and gives the key.
    let read: @Sendable ([UInt8]) throws(JSONError) -> String
}

/// Every command of the contract that is declared, and every fact.
enum Catalog {
    /// What facts are sent to instead of a service.
    static let order = "order"

    /// What `daifa send` takes as its first argument.
    static let places = ServiceName.five.map(\.rawValue) + [order]

    static func entries(of place: String) -> [CatalogEntry] {
        switch place {
        case order: facts
        case ServiceName.authorization.rawValue: authorization
        case ServiceName.binding.rawValue: binding
        case ServiceName.allocation.rawValue: allocation
        case ServiceName.waybill.rawValue: waybill
        case ServiceName.shipping.rawValue: shipping
        default: []
        }
    }

    private static func command<Body: Contracts.Message>(
        _ service: ServiceName, _ type: Body.Type, _ keyField: String, _ key: @escaping @Sendable (Body) -> String
    ) -> CatalogEntry {
        CatalogEntry(
            name: TypeName.short(Body.type).split(separator: ".").last.map(String.init) ?? Body.type, type: Body.type,
            topic: service.commands,
            answers: service.events, keyField: keyField
        ) { bytes throws(JSONError) in key(try Body.decode(bytes)) }
    }

    private static func fact<Body: Contracts.Message>(_ type: Body.Type, _ key: @escaping @Sendable (Body) -> String) -> CatalogEntry {
        CatalogEntry(
            name: TypeName.short(Body.type).split(separator: ".").last.map(String.init) ?? Body.type, type: Body.type, topic: Topics.orders,
            answers: nil, keyField: "orderId"
        ) { bytes throws(JSONError) in key(try Body.decode(bytes)) }
    }

    private static let facts = [
        fact(OrderPlaced.self) { $0.orderId }, fact(AddressChanged.self) { $0.orderId }, fact(AfterSaleOpened.self) { $0.orderId },
        fact(AfterSaleClosed.self) { $0.orderId }, fact(RiskHeld.self) { $0.orderId }, fact(RiskCleared.self) { $0.orderId },
        fact(OrderCancelled.self) { $0.orderId }, fact(OrderUnallocated.self) { $0.orderId },
        fact(OrderReassigned.self) { $0.orderId },
    ]

    /// The data of some names no account: their key is given with `--key`.
    private static let account = "--key <provider>:<account> or channel:<channelId>"

    private static let authorization = [
        command(.authorization, ListProviders.self, "merchantShopId") { $0.merchantShopId },
        command(.authorization, Begin.self, account) { $0.accountKey ?? "" }, command(.authorization, Complete.self, account) { _ in "" },
        command(.authorization, Refresh.self, account) { _ in "" }, command(.authorization, Revoke.self, account) { _ in "" },
        command(.authorization, CreateChannel.self, "channelId") { PartnerAccount.key(ofChannel: $0.channelId) },
        command(.authorization, SetPolicy.self, "channelId") { PartnerAccount.key(ofChannel: $0.channelId) },
    ]

    private static let binding = [
        command(.binding, RegisterMerchant.self, "shopId") { $0.shopId }, command(.binding, RegisterFactory.self, "shopId") { $0.shopId },
        command(.binding, UpdateProfile.self, "shopId") { $0.shopId }, command(.binding, PutAddress.self, "shopId") { $0.shopId },
        command(.binding, RemoveAddress.self, "shopId") { $0.shopId },
        command(.binding, Apply.self, "merchantShopId") { $0.merchantShopId },
        command(.binding, Approve.self, "factoryShopId") { $0.factoryShopId },
        command(.binding, Decline.self, "factoryShopId") { $0.factoryShopId },
        command(.binding, Withdraw.self, "factoryShopId") { $0.factoryShopId },
        command(.binding, Unbind.self, "factoryShopId") { $0.factoryShopId },
    ]

    private static let allocation = [
        command(.allocation, Allocate.self, "orderId") { $0.orderId }, command(.allocation, Deallocate.self, "orderId") { $0.orderId },
        command(.allocation, PutRule.self, "merchantShopId") { $0.merchantShopId },
        command(.allocation, RemoveRule.self, "merchantShopId") { $0.merchantShopId },
        command(.allocation, ApproveOrder.self, "orderId") { $0.orderId }, command(.allocation, Seal.self, "orderId") { $0.orderId },
        command(.allocation, Release.self, "orderId") { $0.orderId },
    ]

    private static let waybill = [
        command(.waybill, TopUp.self, "factoryShopId") { $0.factoryShopId }, command(.waybill, Obtain.self, "orderId") { $0.orderId },
        command(.waybill, MarkPrinted.self, "orderId") { $0.orderId }, command(.waybill, Return.self, "orderId") { $0.orderId },
        command(.waybill, Cancel.self, "orderId") { $0.orderId }, command(.waybill, Claim.self, "orderId") { $0.orderId },
    ]

    private static let shipping = [
        command(.shipping, Ship.self, "orderId") { $0.orderId }, command(.shipping, Amend.self, "orderId") { $0.orderId },
        command(.shipping, RetryUpload.self, "orderId") { $0.orderId },
        command(.shipping, PullStatus.self, "orderId or inboundId") { $0.orderId ?? $0.inboundId ?? "" },
        command(.shipping, CreateInbound.self, "inboundId") { $0.inboundId },
        command(.shipping, CancelOutbound.self, "orderId") { $0.orderId },
        command(.shipping, PullStock.self, "warehouseId") { $0.warehouseId },
        command(.shipping, ReportStatus.self, "orderId or inboundId") { $0.orderId ?? $0.inboundId ?? "" },
    ]
}
