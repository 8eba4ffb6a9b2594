import Contracts
import Credentials
import JSON
import PartnerEffects
import Partners
import Runtime
import StateMachines
import Threads

/// Carries out what outbound orders ask of a partner.
struct OutboundCalls: Sendable {
    let access: WarehouseAccess

    // MARK: Creating

    /// An order is sent again only after the partner was asked whether it has it.
    func create(_ effect: OutboundCreation, _ attempt: EffectAttempt) async -> Performed<OutboundCreation.Outcome> {
        do throws(EffectRetry) {
            guard let warehouse = try access.open(effect.warehouseId) else {
                // Without the recipient nothing was ever sent; what is looked for only, was.
                let isOpen = effect.isWanted ? attempt.mayHaveRun && effect.recipientSealed != nil : true
                return .answer(isOpen ? .unknown : .closed)
            }
            if effect.isWanted, effect.recipientSealed == nil {
                throw EffectRetry("recipient-awaited", "the recipient of \(effect.allocationId) is not resealed yet")
            }
            if attempt.mayHaveRun || !effect.isWanted {
                if let number = try await find(effect, attempt, warehouse) { return .answer(try created(number, warehouse)) }
                guard effect.isWanted else { return .answer(.absent) }
            }
            return .answer(try await send(effect, attempt, warehouse))
        } catch {
            return .again(error)
        }
    }

    private func created(_ number: String, _ warehouse: WarehouseAccess.OpenedWarehouse) throws(EffectRetry) -> OutboundCreation.Outcome {
        .created(partnerNumber: try WarehouseAccess.kept(number), carrier: JDCarrier.code(warehouse.link.carrierCode))
    }

    private func send(
        _ effect: OutboundCreation, _ attempt: EffectAttempt, _ warehouse: WarehouseAccess.OpenedWarehouse
    ) async throws(EffectRetry) -> OutboundCreation.Outcome {
        let recipient: Recipient
        do throws(PartnerError) { recipient = try open(effect) } catch { return .rejected(PartnerRefusal(error)) }
        let order = OutboundOrder(
            key: effect.allocationId, platform: effect.platform == "jd" ? .jd : .other, recipient: OutboundOrder.Recipient(recipient),
            lines: effect.lines.map { OutboundOrder.Line(sku: $0.sku, quantity: $0.quantity) })
        let number: String
        do throws(PartnerError) { number = try await warehouse.outbound.createOutbound(order) } catch {
            try access.inquiry.failed(error, attempt, warehouse.credential)
            return .rejected(PartnerRefusal(error))
        }
        return try created(number, warehouse)
    }

    /// Opens the recipient. One that cannot be opened now never can: once the allocation is released, another one is sealed with the key
    /// of that day.
    private func open(_ effect: OutboundCreation) throws(PartnerError) -> Recipient {
        do {
            guard let sealed = try effect.recipientSealed?.value else { throw CancellationError() }
            return try Recipient.decode(
                try access.environment.vault.open(sealed, info: SealInfo.recipientForShipping, aad: effect.allocationId))
        } catch {
            throw PartnerError(
                .rejected, partner: "jd", operation: "open", message: "the recipient cannot be opened with shipping's keys")
        }
    }

    /// The partner is asked for half a day around a moment: the moments leave no gap since an order may exist.
    private func find(
        _ effect: OutboundCreation, _ attempt: EffectAttempt, _ warehouse: WarehouseAccess.OpenedWarehouse
    ) async throws(EffectRetry) -> String? {
        let now = access.environment.clock.now.milliseconds
        let moments = stride(from: effect.since.milliseconds, through: max(now, effect.since.milliseconds), by: Self.window)
            .suffix(Self.mostWindows)
        return try await access.inquiry.ask(attempt, warehouse.credential) { () throws(PartnerError) -> String? in
            for moment in moments {
                let found = try await warehouse.outbound.findOutbound(key: effect.allocationId, around: Timestamp(milliseconds: moment))
                if let found { return found.number }
            }
            return nil
        }
    }

    /// Milliseconds from one moment to the next: a little less than the day that is asked for around each.
    private static let window = 20 * 3_600_000
    /// The newest of them: a week's.
    private static let mostWindows = 9

    // MARK: Cancelling

    func cancel(_ effect: OutboundCancellation, _ attempt: EffectAttempt) async -> Performed<OutboundCancellation.Outcome> {
        do throws(EffectRetry) {
            guard let warehouse = try access.open(effect.warehouseId) else {
                return .answer(.failed(reason: "the authorization of the warehouse was revoked: its partner cannot be asked"))
            }
            do throws(PartnerError) {
                if let outcome = try await decide(effect, asksFirst: attempt.mayHaveRun, warehouse) { return .answer(outcome) }
            } catch {
                if error.kind == .rejected { return .answer(.failed(reason: error.message)) }
                throw EffectRetry(error, changes: true, warehouse.credential)
            }
            throw EffectRetry("being-decided", "the partner decides whether it can be cancelled", mayHaveRun: true)
        } catch {
            return .again(error)
        }
    }

    /// - Returns: nil while the partner has not decided.
    private func decide(
        _ effect: OutboundCancellation, asksFirst: Bool, _ warehouse: WarehouseAccess.OpenedWarehouse
    ) async throws(PartnerError) -> OutboundCancellation.Outcome? {
        if asksFirst {
            let report = try await warehouse.outbound.outboundStatus(effect.partnerNumber)
            switch report.cancellation {
            case .cancelled: return .cancelled
            case .failed: return .failed(reason: "the partner could not cancel it any more")
            case .pending: return nil
            case nil where report.isOutOfTheDoor: return .failed(reason: "it is out of the door")
            case nil: break
            }
        }
        switch try await warehouse.outbound.cancelOutbound(effect.partnerNumber) {
        case .cancelled: return .cancelled
        case .refused(let reason): return .failed(reason: reason)
        case .pending: return nil
        }
    }

    // MARK: Status

    /// - Returns: of a poll, `unanswered` after some attempts: the machine has longer pauses, and an end.
    func query(_ effect: OutboundQuery, _ attempt: EffectAttempt) async -> Performed<OutboundQuery.Outcome> {
        if effect.purpose == .poll, !access.isSubscribed(effect.warehouseId) { return .answer(.notSubscribed) }
        do throws(EffectRetry) {
            guard let warehouse = try access.open(effect.warehouseId) else { return .answer(.closed) }
            do throws(PartnerError) {
                let report = try await warehouse.outbound.outboundStatus(effect.partnerNumber)
                return .answer(.reading(OutboundStatusReport(report, now: access.environment.clock.now)))
            } catch {
                if error.kind == .rejected { return .answer(.rejected(PartnerRefusal(error))) }
                throw EffectRetry(error, warehouse.credential)
            }
        } catch {
            return effect.purpose == .poll && WarehouseAccess.isTriedEnough(attempt) ? .answer(.unanswered) : .again(error)
        }
    }
}

extension OutboundOrder.Recipient {
    init(_ recipient: Recipient) {
        self.init(
            name: recipient.name, phone: recipient.phone, province: recipient.address.province, city: recipient.address.city,
            district: recipient.address.district, town: recipient.address.town, detail: recipient.address.detail)
    }
}
