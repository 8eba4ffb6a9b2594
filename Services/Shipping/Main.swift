import Contracts
import Machines
import PartnerEffects
import Runtime
import StateMachines

/// The service that ships: seals an allocation, ships it or has a partner's warehouse ship it, and uploads its number.
@main
struct Shipping {
    typealias Shipment = Routes<ShipmentMachine>
    typealias Inbound = Routes<InboundMachine>

    static func main() { ServiceProcess.main(description) }

    static var description: ServiceDescription {
        ServiceDescription(
            .shipping, resources: PartnerEnvironment.self, tables: [.participants, .warehouses, .credentials, .channels, .keys],
            routes: Shipment.all + Inbound.all + Routes<StockMachine>.all + refusals + choices
                + [Routes<StockSyncMachine>.event(PolicySet.self, of: { $0.channelId }) { .policy($0) }], effects: effects)
    }

    static var refusals: [Route] {
        [
            Shipment.refusal(by: .allocation) { .allocationRefused($0, orderId: $1) },
            Shipment.refusal(by: .waybill) { .waybillRefused($0, orderId: $1) },
        ]
    }

    /// Commands about an order at a partner's warehouse or about goods on their way there: the message's fields say which.
    static var choices: [Route] {
        [
            EitherRoute<PullStatus>.command(
                Shipment.command(PullStatus.self) { .pullStatus($0) }, when: { $0.orderId != nil || $0.inboundId == nil },
                else: Inbound.command(PullStatus.self) { .pullStatus($0) }),
            EitherRoute<ReportStatus>.command(
                Shipment.command(ReportStatus.self) { .reportStatus($0, OutboundStatusReport($0)) },
                when: { $0.orderId != nil || $0.inboundId == nil },
                else: Inbound.command(ReportStatus.self) { .reportStatus($0, InboundStatusReport($0)) }),
        ]
    }

    @Sendable private static func effects(_ environment: PartnerEnvironment) -> [EffectRoute] {
        warehouseEffects(environment) + uploadEffects(environment)
    }

    private static func uploadEffects(_ environment: PartnerEnvironment) -> [EffectRoute] {
        let access = ChannelAccess(environment)
        let deadline = RetryDeadline(environment)
        let (marketplace, erp) = (MarketplaceUploads(access, deadline), ERPUploads(access: access, deadline: deadline))
        return [
            Effects<ShipmentMachine>.route(
                MarketplaceUpload.self, partner: "pinduoduo", perform: { await marketplace.perform($0.task, $1) }
            ) { .uploaded(.marketplace, $0.task, $1) },
            Effects<ShipmentMachine>.route(ERPUpload.self, partner: "jackyun", perform: { await erp.perform($0.task, $1) }) {
                .uploaded(.erp, $0.task, $1)
            },
        ]
    }

    private static func warehouseEffects(_ environment: PartnerEnvironment) -> [EffectRoute] {
        let access = WarehouseAccess(environment)
        let (outbound, inbound) = (OutboundCalls(access: access), InboundCalls(access: access))
        return [
            Effects<ShipmentMachine>.route(OutboundCreation.self, partner: "jd", perform: { await outbound.create($0, $1) }) {
                .created($0, $1)
            },
            Effects<ShipmentMachine>.route(OutboundCancellation.self, partner: "jd", perform: { await outbound.cancel($0, $1) }) {
                .cancelEnded($0, $1)
            },
            Effects<ShipmentMachine>.route(OutboundQuery.self, partner: "jd", perform: { await outbound.query($0, $1) }) {
                .queried($0, $1)
            },
            Effects<InboundMachine>.route(InboundCreation.self, partner: "jd", perform: { await inbound.create($0, $1) }) {
                .created($0, $1)
            },
            Effects<InboundMachine>.route(InboundQuery.self, partner: "jd", perform: { await inbound.query($0, $1) }) {
                .queried($0, $1)
            },
            Effects<StockMachine>.route(StockQuery.self, partner: "jd", perform: { effect, _ in await inbound.stock(effect) }) {
                .pulled($0, $1)
            },
            Effects<StockSyncMachine>.timer(StockTimer.self) { .due($0) },
        ]
    }
}
