import Contracts
import PartnerEffects
import Partners
import Runtime
import StateMachines
import Threads

/// Keeps the orders of a factory's Jackyun in step with its allocations, and asks it for what it has shipped.
struct FactoryERP: Sendable {
    let access: ChannelAccess
    let inquiry: OutcomeInquiry
    let deadline: RetryDeadline

    // MARK: Orders

    /// An order is sent again only after the ERP was asked whether it has it.
    func create(_ effect: ERPOrderCreation, _ attempt: EffectAttempt) async -> Performed<ERPOrderCreation.Outcome> {
        do throws(EffectRetry) {
            let erp = try access.erp(effect.channelId)
            if attempt.mayHaveRun, let number = try await find(effect, attempt, erp) { return .answer(.created(number)) }
            do throws(PartnerError) {
                return .answer(.created(try await erp.gateway.createTrade(trade(effect, erp.row), as: erp.application)))
            } catch {
                try inquiry.failed(error, attempt, erp.credential)
                return .answer(.refused(ERPRefusal(error)))
            }
        } catch {
            return gone(error, attempt).map { .answer(.refused($0)) } ?? .again(error)
        }
    }

    /// Why a channel that is not there any more cannot be asked: nobody brings it back.
    private func gone(_ retry: EffectRetry, _ attempt: EffectAttempt) -> ERPRefusal? {
        guard retry.isOfNoChannel, deadline.isOver(after: attempt) else { return nil }
        return ERPRefusal(attempt.mayHaveRun ? OutboundRejected.outcomeUnknown : "the channel is gone; nothing was sent")
    }

    private func find(
        _ effect: ERPOrderCreation, _ attempt: EffectAttempt, _ erp: ChannelAccess.ERP
    ) async throws(EffectRetry) -> String? {
        try await inquiry.ask(attempt, erp.credential) { () throws(PartnerError) -> String? in
            try await trades(of: effect.allocationId, erp).first { $0.status.stage != .ended }?.tradeNo
        }
    }

    private func trades(of allocationId: String, _ erp: ChannelAccess.ERP) async throws(PartnerError) -> [JackyunTradeInfo] {
        try await erp.gateway.trades(sourceTradeNos: [allocationId], as: erp.application)
            .filter { $0.sourceTradeNos.contains(allocationId) }
    }

    /// Without whom it goes to: that is none of the factory's business, and its labels have it.
    private func trade(_ effect: ERPOrderCreation, _ channel: ChannelRow) -> JackyunTrade {
        JackyunTrade(
            shopName: channel.name, onlineTradeNo: effect.allocationId, tradeTime: effect.allocatedAt.milliseconds,
            recipient: .init(province: effect.area.province, city: effect.area.city, district: effect.area.district),
            lines: effect.goods.map {
                .init(goodsNo: $0.goodsNo, name: $0.name, spec: $0.spec, quantity: $0.quantity, unitPriceFen: 0)
            }, sellerMemo: effect.remark.isEmpty ? nil : effect.remark)
    }

    func cancel(_ effect: ERPOrderCancellation, _ attempt: EffectAttempt) async -> Performed<ERPOrderCancellation.Outcome> {
        do throws(EffectRetry) {
            let erp = try access.erp(effect.channelId)
            do throws(PartnerError) {
                if attempt.mayHaveRun, try await isGone(effect, erp) { return .answer(.cancelled) }
                try await erp.gateway.cancelTrade(effect.erpNumber, as: erp.application)
                return .answer(.cancelled)
            } catch {
                if error.kind == .rejected { return .answer(.refused(ERPRefusal(error))) }
                throw EffectRetry(error, changes: true, erp.credential)
            }
        } catch {
            return gone(error, attempt).map { .answer(.refused($0)) } ?? .again(error)
        }
    }

    private func isGone(_ effect: ERPOrderCancellation, _ erp: ChannelAccess.ERP) async throws(PartnerError) -> Bool {
        let order = try await trades(of: effect.allocationId, erp).first { $0.tradeNo == effect.erpNumber }
        return order?.status.stage == .ended
    }

    // MARK: Numbers

    func fetch(_ effect: NumberFetch) async -> Performed<NumberFetch.Outcome> {
        do throws(EffectRetry) {
            let erp = try access.erp(effect.channelId)
            let from = effect.from.milliseconds
            let to = effect.to?.milliseconds ?? min(max(access.clock.now.milliseconds, from + 1000), from + JackyunGateway.longestWindow)
            do throws(PartnerError) {
                let page = try await erp.gateway.shippedTrades(from: from, to: to, scrollId: effect.page, as: erp.application)
                return .answer(.page(page.trades.flatMap(Self.shipments), next: page.scrollId, to: Timestamp(milliseconds: to)))
            } catch {
                if error.kind == .rejected { return .answer(.refused(ERPRefusal(error))) }
                throw EffectRetry(error, erp.credential)
            }
        } catch {
            return .again(error)
        }
    }

    /// One for each order that was packed into it.
    private static func shipments(_ trade: JackyunTradeInfo) -> [ERPShipment] {
        // The ERP need not heed what it was asked for: numbers are there long before a parcel leaves, and stay on cancelled orders.
        guard trade.status.stage == .shipped, let number = trade.waybillNumber else { return [] }
        let carrier = trade.carrier?.code ?? trade.logisticName ?? trade.logisticCode ?? "unknown"
        // More than a command takes cannot have been meant.
        let further = trade.extraWaybillNumbers.filter { $0 != number }.prefix(10)
        return trade.sourceTradeNos.map {
            ERPShipment(allocationId: $0, carrier: carrier, waybillNumber: number, extraNumbers: Array(further))
        }
    }
}

extension ERPRefusal {
    /// A partner's final refusal, in the machine's words.
    init(_ error: PartnerError) { self.init(code: error.code, error.message) }
}
