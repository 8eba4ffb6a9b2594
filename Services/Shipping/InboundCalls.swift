import Contracts
import PartnerEffects
import Partners
import Runtime
import StateMachines
import Threads

/// Carries out what inbound orders and stock ask of a partner.
struct InboundCalls: Sendable {
    let access: WarehouseAccess

    /// An order is sent again only after the partner was asked whether it has it.
    func create(_ effect: InboundCreation, _ attempt: EffectAttempt) async -> Performed<InboundCreation.Outcome> {
        do throws(EffectRetry) {
            let mayExist = attempt.mayHaveRun || effect.mayExist == true
            guard let warehouse = try access.open(effect.warehouseId) else { return .answer(mayExist ? .unknown : .closed) }
            if mayExist, let number = try await find(effect, attempt, warehouse) {
                return .answer(.created(partnerNumber: try WarehouseAccess.kept(number)))
            }
            let order = InboundOrder(
                key: effect.inboundId, lines: effect.lines.map { OutboundOrder.Line(sku: $0.sku, quantity: $0.quantity) })
            let number: String
            do throws(PartnerError) { number = try await warehouse.inbound.createInbound(order) } catch {
                try access.inquiry.failed(error, attempt, warehouse.credential)
                return .answer(.rejected(PartnerRefusal(error)))
            }
            return .answer(.created(partnerNumber: try WarehouseAccess.kept(number)))
        } catch {
            return .again(error)
        }
    }

    private func find(
        _ effect: InboundCreation, _ attempt: EffectAttempt, _ warehouse: WarehouseAccess.OpenedWarehouse
    ) async throws(EffectRetry) -> String? {
        // JD publishes no question by the sender's number, and may refuse the one that is asked.
        try await access.inquiry.ask(attempt, warehouse.credential, refused: .isNo) { () throws(PartnerError) -> String? in
            try await warehouse.inbound.findInbound(key: effect.inboundId)?.number
        }
    }

    /// - Returns: of a poll, `unanswered` after some attempts: the machine has longer pauses, and an end.
    func query(_ effect: InboundQuery, _ attempt: EffectAttempt) async -> Performed<InboundQuery.Outcome> {
        if effect.isPoll, !access.isSubscribed(effect.warehouseId) { return .answer(.notSubscribed) }
        do throws(EffectRetry) {
            guard let warehouse = try access.open(effect.warehouseId) else { return .answer(.closed) }
            do throws(PartnerError) {
                let report = try await warehouse.inbound.inboundStatus(effect.partnerNumber)
                return .answer(.reading(InboundStatusReport(report, now: access.environment.clock.now)))
            } catch {
                if error.kind == .rejected { return .answer(.rejected(PartnerRefusal(error))) }
                throw EffectRetry(error, warehouse.credential)
            }
        } catch {
            return effect.isPoll && WarehouseAccess.isTriedEnough(attempt) ? .answer(.unanswered) : .again(error)
        }
    }

    func stock(_ effect: StockQuery) async -> Performed<StockQuery.Outcome> {
        do throws(EffectRetry) {
            guard let warehouse = try access.open(effect.warehouseId) else { return .answer(.closed) }
            let asOf = access.environment.clock.now
            do throws(PartnerError) {
                let levels = try await warehouse.outbound.stock(skus: effect.skus)
                return .answer(
                    .levels(levels.map { StockCount(sku: $0.sku, good: $0.good, damaged: $0.damaged) }, asOf: asOf))
            } catch {
                if error.kind == .rejected { return .answer(.rejected(PartnerRefusal(error))) }
                throw EffectRetry(error, warehouse.credential)
            }
        } catch {
            return .again(error)
        }
    }
}
