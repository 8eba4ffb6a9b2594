import Contracts
import Machines
import PartnerEffects
import Partners
import Runtime
import StateMachines
import Threads

/// Has Pinduoduo give numbers for the orders that it gave to factories, take them as returned, and take them back.
struct PlatformCalls: Sendable {
    let access: ChannelAccess
    let tables: any Tables
    let deadline: RetryDeadline
    let inquiry: OutcomeInquiry

    func perform(_ call: PlatformCall, _ attempt: EffectAttempt) async -> Performed<PlatformCall.Outcome> {
        do throws(EffectRetry) {
            guard let key = FdsOrderKey(orderId: call.orderId), let carrier = CarrierNames.named(call.carrier) else {
                return .answer(.refused(PlatformRefusal("the platform has no such order or carrier")))
            }
            let channel = OpenedChannel(call: call, key: key, wpCode: carrier.wpCode, shop: try access.shop(call.channelId), tables: tables)
            return .answer(
                call.step == .obtain ? try await channel.obtain(attempt, inquiry) : try await channel.change(mayHaveRun: attempt.mayHaveRun)
            )
        } catch {
            return end(error, call, attempt)
        }
    }

    /// Again; or a refusal, when it has lasted too long and nothing can have been done that would then be wrong here.
    private func end(_ retry: EffectRetry, _ call: PlatformCall, _ attempt: EffectAttempt) -> Performed<PlatformCall.Outcome> {
        let isHarmless = call.step == .obtain || !(attempt.mayHaveRun || retry.mayHaveRun)
        guard isHarmless, deadline.isOver(after: attempt) else { return .again(retry) }
        // Only a number can have been taken, under the parcel's id: what asks for it again gets the same one.
        let isUnknown = attempt.mayHaveRun || retry.mayHaveRun
        return .answer(
            .refused(
                PlatformRefusal(
                    isUnknown
                        ? "it gave no answer for too long, and a number may be taken there; obtain gets the same one (\(retry.reason))"
                        : "no answer for too long; try again later (\(retry.reason))", hasMain: call.hasMain == true, isUnknown: isUnknown))
        )
    }

    /// One attempt.
    private struct OpenedChannel {
        let call: PlatformCall
        let key: FdsOrderKey
        let wpCode: String
        let shop: ChannelAccess.Shop
        let tables: any Tables

        /// Returns or gives up a number.
        /// - Throws: why it has to be tried again.
        func change(mayHaveRun: Bool) async throws(EffectRetry) -> PlatformCall.Outcome {
            var hasMain = call.hasMain == true
            do throws(PartnerError) {
                if call.step == .return {
                    try await giveBack(asksFirst: mayHaveRun, &hasMain)
                } else {
                    try await shop.gateway.fdsWaybillCancel(key, wpCode: wpCode, waybillCode: call.number ?? "", token: shop.token)
                }
                return .done
            } catch {
                guard error.kind == .rejected else {
                    var retry = EffectRetry(error, changes: true, shop.credential)
                    // The number is there, the further ones are not.
                    if hasMain, call.step == .return { retry.mayHaveRun = true }
                    throw retry
                }
                if call.step == .cancel, mayHaveRun, !error.isAboutApplication {
                    // A number that an earlier attempt has taken back cannot be taken back again, but one that was returned is refused
                    // too. The platform tells no more of a number: one that is refused for another reason passes for given up, and none
                    // is used that may be.
                    do throws(PartnerError) {
                        if !(try await shop.gateway.fdsOrder(key, token: shop.token).isReturned) { return .done }
                    } catch { throw EffectRetry(error, changes: true, shop.credential) }
                }
                return .refused(PlatformRefusal(code: error.code, error.message, hasMain: hasMain))
            }
        }

        /// Takes a number. After an open outcome the platform is asked for the order first; it does not tell of numbers that were taken and
        /// not returned. While the order still waits for one, the same parcel is asked for again, by the same `object_id`.
        /// - Throws: why it has to be tried again.
        func obtain(_ attempt: EffectAttempt, _ inquiry: OutcomeInquiry) async throws(EffectRetry) -> PlatformCall.Outcome {
            if attempt.mayHaveRun, let settled = try await inquiry.ask(attempt, shop.credential, refused: .isNo, settled) { return settled }
            do throws(PartnerError) { return try await take() } catch {
                try inquiry.failed(error, attempt, shop.credential)
                return .refused(PlatformRefusal(code: error.code, error.message))
            }
        }

        /// Why the order takes no number any more.
        private func settled() async throws(PartnerError) -> PlatformCall.Outcome? {
            let order = try await shop.gateway.fdsOrder(key, token: shop.token)
            if order.isReturned { return .refused(PlatformRefusal("a number was returned for the order already")) }
            return order.isUnallocated ? .refused(PlatformRefusal("the order is not assigned to the factory any more")) : nil
        }

        private func take() async throws(PartnerError) -> PlatformCall.Outcome {
            guard let factory = tables.participant(call.factoryShopId), let address = factory.address, let contact = factory.contact,
                let userId = shop.row.platformShopId.flatMap({ Int($0) })
            else {
                return .refused(
                    PlatformRefusal("the factory's profile or its channel lacks address, contact or the platform's shop number"))
            }
            let sender = try await shop.gateway.senderAddress(
                wpCode: wpCode, province: address.province, city: address.city, district: address.district, token: shop.token)
            let template = try await shop.gateway.standardTemplate(wpCode: wpCode, token: shop.token)
            let parcel = FdsWaybillRequest.Parcel(
                objectId: FdsWaybillRequest.objectId(allocationId: call.allocationId), templateURL: template, userId: userId, orders: [key],
                items: (call.goods ?? []).map { (name: $0.name, count: $0.count) })
            let request = FdsWaybillRequest(
                sender: .init(name: contact.name, mobile: contact.phone, address: sender), wpCode: wpCode, parcels: [parcel])
            guard let waybill = try await shop.gateway.fdsWaybillGet(request, token: shop.token).first else {
                return .refused(PlatformRefusal("the platform gave no number"))
            }
            return .obtained(number: waybill.waybillCode, PlatformLabel(template: template, data: waybill.printData))
        }

        private func giveBack(asksFirst: Bool, _ hasMain: inout Bool) async throws(PartnerError) {
            if !hasMain, asksFirst { hasMain = try await shop.gateway.fdsOrder(key, token: shop.token).isReturned }
            let number = call.number ?? ""
            if !hasMain {
                try await shop.gateway.fdsWaybillReturn(key, wpCode: wpCode, waybillCode: number, token: shop.token)
                hasMain = true
            }
            guard let further = call.extraNumbers, !further.isEmpty else { return }
            do throws(PartnerError) {
                try await shop.gateway.fdsWaybillReturnSlave(key, wpCode: wpCode, main: number, waybillCodes: further, token: shop.token)
            } catch {
                // The platform does not tell which further numbers it has: what it refuses after an open outcome passes for taken.
                guard asksFirst, error.kind == .rejected, error.field == nil, !error.isAboutApplication else { throw error }
            }
        }
    }
}

extension FdsOrderKey {
    /// The platform's key of an order that it gave to a factory; nil for any other order.
    init?(orderId: String) {
        guard let ids = FactoryDropship.parse(orderId) else { return nil }
        self.init(mallMaskId: ids.mall, orderMaskSn: ids.order)
    }
}
