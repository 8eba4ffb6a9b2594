import Contracts
import PartnerEffects
import Partners
import Runtime
import StateMachines

/// Tells Pinduoduo under which numbers orders came from their factories and warehouses.
struct MarketplaceUploads: Sendable {
    let access: ChannelAccess
    let deadline: RetryDeadline
    private let companies: LogisticsCompanies
    private let addresses: ReturnAddresses

    init(_ access: ChannelAccess, _ deadline: RetryDeadline) {
        self.access = access
        self.deadline = deadline
        companies = LogisticsCompanies(access.clock)
        addresses = ReturnAddresses(access.clock)
    }

    func perform(_ task: UploadTask, _ attempt: EffectAttempt) async -> Performed<UploadOutcome> {
        do throws(EffectRetry) {
            let call = Call(task: task, shop: try access.shop(task.channelId), companies: companies, addresses: addresses)
            return .answer(try await call.run(asksFirst: attempt.mayHaveRun))
        } catch {
            return .again(error, after: attempt, deadline)
        }
    }

    /// One attempt.
    private struct Call {
        let task: UploadTask
        let shop: ChannelAccess.Shop
        let companies: LogisticsCompanies
        let addresses: ReturnAddresses

        /// - Parameter asksFirst: an earlier attempt may have done it.
        /// - Throws: why it has to be tried again.
        func run(asksFirst: Bool) async throws(EffectRetry) -> UploadOutcome {
            var isShipped = false
            do throws(PartnerError) {
                return try await ship(asksFirst: asksFirst, &isShipped)
            } catch {
                if error.kind == .rejected {
                    return .failed(
                        UploadOutcome.Failure(.partnerRejected, error.message, partnerCode: error.code), isShipped: isShipped)
                }
                var retry = EffectRetry(error, changes: true, shop.credential)
                // The number is there, what goes beside it is not.
                if isShipped { retry.mayHaveRun = true }
                throw retry
            }
        }

        private func ship(asksFirst: Bool, _ isShipped: inout Bool) async throws(PartnerError) -> UploadOutcome {
            guard let company = try await companies.company(of: task.carrier, for: task.waybillNumber, shop) else {
                return .failed(
                    UploadOutcome.Failure(.carrierUnknown, "the marketplace has no carrier \(task.carrier) that orders can be shipped with")
                )
            }
            var delivery = PinduoduoDelivery.first
            if task.mode == .change || (asksFirst && task.mode == .first) {
                let order = try await shop.gateway.order(task.platformOrderNumber, token: shop.token)
                if order.isShipped {
                    isShipped = order.trackingNumber == task.waybillNumber && order.logisticsId ?? company.id == company.id
                    guard isShipped || task.mode == .change else {
                        return .failed(UploadOutcome.Failure(.partnerRejected, "the order is shipped there already, with another number"))
                    }
                    delivery = .change
                }
            }
            let beside = (task.mode == .further ? [task.waybillNumber] : []) + (task.extraNumbers ?? [])
            let isDone = task.mode == .further || isShipped
            if isDone, beside.isEmpty { return .confirmed }
            var returnAddress = isDone ? nil : returnAddress
            if let id = returnAddress {
                switch try await addresses.verdict(on: id, shop) {
                case .usable: break
                // The shop's own default.
                case .unknown: returnAddress = nil
                case .refused:
                    let problem = "the marketplace does not accept return address \(id); mend it there, then send retry-upload"
                    return .failed(UploadOutcome.Failure(.returnAddressInvalid, problem))
                }
            }
            guard try await shop.gateway.refundStatusCheck([task.platformOrderNumber], token: shop.token).isEmpty else {
                return .failed(
                    UploadOutcome.Failure(.afterSaleOpen, "the buyer has asked for an after-sale; decide it, then send retry-upload"),
                    isShipped: isShipped)
            }
            if !isDone {
                try await shop.gateway.shipOnline(
                    orderSn: task.platformOrderNumber, logisticsId: company.id, trackingNumber: task.waybillNumber,
                    returnAddressId: returnAddress, delivery: delivery, token: shop.token)
                isShipped = true
            }
            if !beside.isEmpty {
                // After an open outcome they are sent again: nobody can be asked, and the buyer sees a number twice at worst.
                try await shop.gateway.extraLogistics(
                    orderSn: task.platformOrderNumber, tracks: beside.map { (company.id, $0) }, purpose: .split, token: shop.token)
            }
            return .confirmed
        }

        /// The platform's id of an address that came from there; its own default for any other.
        private var returnAddress: String? {
            guard let id = task.returnAddressId, id.hasPrefix("pdd:") else { return nil }
            return String(id.dropFirst("pdd:".count))
        }
    }
}
