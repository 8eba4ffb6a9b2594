import Contracts
import Runtime
import StateMachines

/// What leaves the door: seals an allocation, ships it, and tells who has to know its number.
@main
struct Shipping {
    typealias Shipment = Routes<ShipmentMachine>
    typealias Partner = Routes<PartnerMachine>

    static func main() {
        ServiceProcess.main(
            ServiceDescription(
                .shipping, reads: [.allocation, .waybill], commands: [.allocation, .waybill], tables: [.participants],
                routes: events + commands + partners))
    }

    private static func order(_ id: String) -> String { "order:\(id)" }

    /// What a status is about: an order, or an inbound order.
    private static func subject(_ orderId: String?, _ inboundId: String?) -> String {
        orderId.map(order) ?? "inbound-status:\(inboundId ?? "")"
    }

    static var events: [Route] {
        [
            Shipment.event(Allocated.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .allocated($0) },
            Shipment.event(AllocationSealed.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .sealed($0) },
            Shipment.event(Deallocated.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .deallocated($0) },
            Shipment.event(Returned.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .returned($0) },
            Shipment.event(Voided.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .voided($0) },
            Shipment.event(Claimed.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .claimed($0) },
            Shipment.refusal(by: .allocation, aggregate: order) { .allocationRefused($0) },
            Shipment.refusal(by: .waybill, aggregate: order) { .waybillRefused($0) },
        ]
    }

    static var commands: [Route] {
        [
            Shipment.command(Ship.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .ship($0) },
            Shipment.command(Amend.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .amend($0) },
            Shipment.command(RetryUpload.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .retryUpload($0) },
            Shipment.command(CancelOutbound.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .cancelOutbound($0) },
            Shipment.command(PullStatus.self, key: { $0.orderId ?? $0.inboundId }, aggregate: { order($0.orderId ?? "") }) {
                .pullStatus($0)
            },
            Shipment.command(ReportStatus.self, key: { $0.orderId ?? $0.inboundId }, aggregate: { order($0.orderId ?? "") }) {
                .reportStatus($0)
            },
        ]
    }

    static var partners: [Route] {
        [
            Partner.command(CreateInbound.self, key: { $0.inboundId }, aggregate: { "inbound:\($0.inboundId)" }) { .createInbound($0) },
            Partner.command(PullStock.self, key: { $0.warehouseId }, aggregate: { "warehouse:\($0.warehouseId)" }) { .pullStock($0) },
        ]
    }
}
