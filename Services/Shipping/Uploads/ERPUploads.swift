import Contracts
import PartnerEffects
import Partners
import Runtime
import StateMachines

/// Tells merchants' Jackyun that their orders are on their way.
struct ERPUploads: Sendable {
    let access: ChannelAccess
    let deadline: RetryDeadline

    func perform(_ task: UploadTask, _ attempt: EffectAttempt) async -> Performed<UploadOutcome> {
        do throws(EffectRetry) {
            let shop: ChannelAccess.Shop? = if let id = task.marketplaceChannelId { try access.shop(id) } else { nil }
            return .answer(try await upload(task, try access.erp(task.channelId), shop))
        } catch {
            return .again(error, after: attempt, deadline)
        }
    }

    /// The ERP is always asked first: it knows the order by a number of its own, and what was told before. It carries one number for an
    /// order: further ones of the same parcel are the marketplace's.
    /// - Parameter shop: where the buyer may have asked for an after-sale; the ERP tells the marketplace by itself what it is told here.
    private func upload(_ task: UploadTask, _ erp: ChannelAccess.ERP, _ shop: ChannelAccess.Shop?) async throws(EffectRetry)
        -> UploadOutcome
    {
        guard let carrier = CarrierNames.named(task.carrier) else {
            return .failed(UploadOutcome.Failure(.carrierUnknown, "the ERP has no carrier \(task.carrier)"))
        }
        do throws(PartnerError) {
            let trades = try await erp.gateway.trades(sourceTradeNos: [task.platformOrderNumber], as: erp.application)
                .filter { $0.status.stage != .ended && $0.sourceTradeNos.contains(task.platformOrderNumber) }
            guard !trades.isEmpty else {
                return .failed(
                    UploadOutcome.Failure(.orderUnknown, "the ERP has no order \(task.platformOrderNumber); download it there, then retry"))
            }
            if trades.contains(where: { $0.carries(task.waybillNumber) }) { return .confirmed }
            // A further parcel goes to a part of the order that has none yet.
            let open = trades.filter { task.mode != .further || $0.status.stage != .shipped }
            guard !open.isEmpty else {
                return .failed(UploadOutcome.Failure(.partnerRejected, "the ERP's order carries the number of another parcel already"))
            }
            if let shop, !(try await shop.gateway.refundStatusCheck([task.platformOrderNumber], token: shop.token).isEmpty) {
                return .failed(
                    UploadOutcome.Failure(.afterSaleOpen, "the buyer has asked for an after-sale; decide it, then send retry-upload"))
            }
            let refused = try await erp.gateway.completeDelivery(
                open.prefix(task.mode == .further ? 1 : open.count).map {
                    JackyunDelivery(tradeNo: $0.tradeNo, carrier: carrier, waybillNumber: task.waybillNumber)
                }, as: erp.application)
            guard let first = refused.first else { return .confirmed }
            return .failed(UploadOutcome.Failure(.partnerRejected, first.reason))
        } catch {
            if error.kind == .rejected { return .failed(UploadOutcome.Failure(.partnerRejected, error.message, partnerCode: error.code)) }
            throw EffectRetry(error, changes: true, erp.credential)
        }
    }
}

extension JackyunTradeInfo {
    fileprivate func carries(_ number: String) -> Bool { waybillNumber == number || extraWaybillNumbers.contains(number) }
}
