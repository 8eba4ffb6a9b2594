import Contracts
import Machines
import PartnerEffects
import Runtime
import StateMachines

/// What leaves the door: seals an allocation, ships it or has a partner's warehouse ship it, and tells who has to know its number.
@main
struct Shipping {
    typealias Shipment = Routes<ShipmentMachine>
    typealias Inbound = Routes<InboundMachine>
    typealias Stock = Routes<StockMachine>
    typealias StockSync = Routes<StockSyncMachine>

    static func main() {
        ServiceProcess.main(
            ServiceDescription(
                .shipping, reads: [.allocation, .waybill, .authorization], commands: [.allocation, .waybill, .authorization],
                tables: [.participants, .warehouses, .credentials, .channels, .keys], writes: [.keys, .stock],
                announces: [.recipient, .credential], routes: events + partnerEvents + commands + partnerCommands, effects: effects))
    }

    private static func order(_ id: String) -> String { ShipmentMachine.aggregate(id) }

    static var events: [Route] {
        [
            Shipment.event(Allocated.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .allocated($0) },
            Shipment.event(AllocationSealed.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .sealed($0) },
            Shipment.event(Deallocated.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .deallocated($0) },
            Shipment.event(Returned.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .returned($0) },
            Shipment.event(Readdressed.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .readdressed($0) },
            Shipment.event(Voided.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .voided($0) },
            Shipment.event(Claimed.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .claimed($0) },
            Shipment.refusal(by: .allocation, aggregate: order) { .allocationRefused($0) },
            Shipment.refusal(by: .waybill, aggregate: order) { .waybillRefused($0) },
        ]
    }

    /// What only orders at partners' warehouses, and channels, need to hear.
    static var partnerEvents: [Route] {
        [
            Shipment.event(RecipientRefused.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .recipientRefused($0) },
            Shipment.event(RecipientResealed.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .resealed($0) },
            Shipment.event(RecipientChanged.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .recipientChanged($0) },
            Shipment.event(OrderHeld.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .orderHeld($0) },
            Shipment.event(OrderWasCancelled.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .orderCancelled($0) },
            StockSync.event(PolicySet.self, key: { _ in nil }, aggregate: { StockSyncMachine.aggregate($0.channelId) }) { .policy($0) },
        ]
    }

    static var commands: [Route] {
        [
            Shipment.command(Ship.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .ship($0) },
            Shipment.command(Amend.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .amend($0) },
            Shipment.command(RetryUpload.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .retryUpload($0) },
        ]
    }

    static var partnerCommands: [Route] {
        [
            Shipment.command(CancelOutbound.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .cancelOutbound($0) },
            Choice<PullStatus>.command(
                Shipment.command(PullStatus.self, key: { $0.orderId ?? $0.inboundId }, aggregate: { order($0.orderId ?? "") }) {
                    .pullStatus($0)
                }, when: { $0.orderId != nil || $0.inboundId == nil },
                else: Inbound.command(
                    PullStatus.self, key: { $0.inboundId }, aggregate: { InboundMachine.aggregate($0.inboundId ?? "") }
                ) { .pullStatus($0) }),
            Choice<ReportStatus>.command(
                Shipment.command(ReportStatus.self, key: { $0.orderId ?? $0.inboundId }, aggregate: { order($0.orderId ?? "") }) {
                    .reportStatus($0, OutboundReading($0))
                }, when: { $0.orderId != nil || $0.inboundId == nil },
                else: Inbound.command(
                    ReportStatus.self, key: { $0.inboundId }, aggregate: { InboundMachine.aggregate($0.inboundId ?? "") }
                ) { .reportStatus($0, InboundReading($0)) }),
            Inbound.command(CreateInbound.self, key: { $0.inboundId }, aggregate: { InboundMachine.aggregate($0.inboundId) }) {
                .create($0)
            },
            Stock.command(PullStock.self, key: { $0.warehouseId }, aggregate: { StockMachine.aggregate($0.warehouseId) }) { .pull($0) },
        ]
    }

    @Sendable private static func effects(_ environment: ServiceEnvironment) -> [EffectRoute] {
        warehouseEffects(environment) + uploadEffects(environment)
    }

    private static func uploadEffects(_ environment: ServiceEnvironment) -> [EffectRoute] {
        let desk = ChannelDesk(environment)
        let patience = Patience(seconds: environment.settings.patience)
        let (marketplace, erp) = (MarketplaceUploads(desk, patience), ERPUploads(desk: desk, patience: patience))
        return [
            Effects<ShipmentMachine>.route(
                MarketplaceUpload.self, partner: "pinduoduo", perform: { await marketplace.perform($0.task, $1) }
            ) { .uploaded(.marketplace, $0.task, $1) },
            Effects<ShipmentMachine>.route(ERPUpload.self, partner: "jackyun", perform: { await erp.perform($0.task, $1) }) {
                .uploaded(.erp, $0.task, $1)
            },
        ]
    }

    private static func warehouseEffects(_ environment: ServiceEnvironment) -> [EffectRoute] {
        let desk = PartnerDesk(environment)
        let (outbound, inbound) = (OutboundCalls(desk: desk), InboundCalls(desk: desk))
        return [
            Effects<ShipmentMachine>.route(OutboundCreation.self, partner: "jd", perform: { await outbound.create($0, $1) }) {
                .created($0, $1)
            },
            Effects<ShipmentMachine>.route(OutboundCancellation.self, partner: "jd", perform: { await outbound.cancel($0, $1) }) {
                .cancelEnded($0, $1)
            },
            Effects<ShipmentMachine>.route(OutboundQuery.self, partner: "jd", perform: { effect, _ in await outbound.query(effect) }) {
                .queried($0, $1)
            },
            Effects<InboundMachine>.route(InboundCreation.self, partner: "jd", perform: { await inbound.create($0, $1) }) {
                .created($0, $1)
            },
            Effects<InboundMachine>.route(InboundQuery.self, partner: "jd", perform: { effect, _ in await inbound.query(effect) }) {
                .queried($0, $1)
            },
            Effects<StockMachine>.route(StockQuery.self, partner: "jd", perform: { effect, _ in await inbound.stock(effect) }) {
                .pulled($0, $1)
            },
            Effects<StockSyncMachine>.timer(StockTimer.self) { .due($0) },
        ]
    }
}
