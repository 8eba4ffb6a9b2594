public import Contracts
import JSON
public import Machines

/// One order in shipping: a parcel for each allocation, and the sealing saga. Aggregate key `order:<orderId>`.
///
/// The events of allocation and waybill come on two topics, in any order between the two, and may come again. The answer of a `ship`
/// that waits is `shipped`, or a refusal with the seal's code; of an `amend`, `amended`, or a refusal with the claim's code.
/// `seal` and `claim` are commands to the other services; `waits` is neither answer nor request.
///
/// | parcel | returned | readdressed | deallocated | voided | sealed | seal refused | ship | amend | claimed |
/// |---|---|---|---|---|---|---|---|---|---|
/// | unknown | ready | – | – | – | – | – | not-found | not-found | – |
/// | open | ready | – | – | – | – | – | waybill-not-returned | not-shipped | – |
/// | ready | – | unready | – | – | – | – | seal | not-shipped | – |
/// | sealing | – | – | – | – | shipped | not-allocated | waits | not-shipped | – |
/// | sealing, readdressed | ready | – | – | – | shipped | not-allocated | waits | not-shipped | – |
/// | shipped | – | – | – | – | – | – | already-shipped | claim | – |
/// | amending | – | – | – | – | – | – | already-shipped | waits | amended |
/// | ended | – | – | – | – | – | – | not-allocated | not-shipped | – |
///
/// - `deallocated` and `voided` end a parcel that is open or ready. While it is being sealed only the seal's outcome counts, which
///   comes for certain. A seal refused with `not-allocated` ends the parcel; any other refusal leaves it ready, or `unready` when it was
///   readdressed meanwhile and not returned since. One that is sealed by then ships, with the number that was returned last.
/// - `ship` without allocationId takes all that is ready. When nothing is, it waits for what is being sealed; else it is refused with
///   `waybill-not-returned` if a parcel is open, `already-shipped` if one is shipped, or `not-allocated`.
/// - A `ship` that waits for what an earlier one asked gets its one answer when that has ended: `already-shipped` (an allocation is
///   shipped once), or the seal's code.
/// - `amend`s of one parcel are carried out one after another; the number it has already is claimed too, which waybill grants.
/// - An order that the platform gave to a factory by itself is not shipped here: no `ready`; `ship` and `amend` are `forbidden`.
/// - Allocations to partners' warehouses have their own table of states: `ShipmentMachine+Warehouse.swift`.
///
/// Needs the tables participants and warehouses.
public enum ShipmentMachine: StateMachine {
    public enum Input: Sendable {
        case allocated(Allocated)
        case sealed(AllocationSealed)
        case deallocated(Deallocated)
        case recipientChanged(RecipientChanged)
        case orderHeld(OrderHeld)
        case orderCancelled(OrderWasCancelled)
        case allocationRefused(Refused, orderId: String)
        case returned(Returned)
        case readdressed(Readdressed)
        case voided(Voided)
        case claimed(Claimed)
        case waybillRefused(Refused, orderId: String)
        case resealed(RecipientResealed)
        case recipientRefused(RecipientRefused)

        case ship(Ship)
        case amend(Amend)

        case retryUpload(RetryUpload)
        case uploaded(UploadTarget, UploadTask, UploadOutcome)
        case pullStatus(PullStatus)
        case cancelOutbound(CancelOutbound)
        /// A partner's report, with the meaning of its code.
        case reportStatus(ReportStatus, OutboundReading)

        case created(OutboundCreation, OutboundCreation.Outcome)
        case cancelEnded(OutboundCancellation, OutboundCancellation.Outcome)
        case queried(OutboundQuery, OutboundQuery.Outcome)
    }

    public static let accepts: [Accepts<ShipmentMachine>] = [
        .message(Allocated.self) { .allocated($0) },
        .message(AllocationSealed.self) { .sealed($0) },
        .message(Deallocated.self) { .deallocated($0) },
        .message(Returned.self) { .returned($0) },
        .message(Readdressed.self) { .readdressed($0) },
        .message(Voided.self) { .voided($0) },
        .message(Claimed.self) { .claimed($0) },
        .message(RecipientRefused.self) { .recipientRefused($0) },
        .message(RecipientResealed.self) { .resealed($0) },
        .message(RecipientChanged.self) { .recipientChanged($0) },
        .message(OrderHeld.self) { .orderHeld($0) },
        .message(OrderWasCancelled.self) { .orderCancelled($0) },
        .message(Ship.self) { .ship($0) },
        .message(Amend.self) { .amend($0) },
        .message(RetryUpload.self) { .retryUpload($0) },
        .message(CancelOutbound.self) { .cancelOutbound($0) },
    ]

    public static let emits = Emits(
        events: [
            Ready.self, Unready.self, Shipped.self, Amended.self, OutboundCreated.self, OutboundRejected.self, OutboundStatus.self,
            OutboundCancelling.self, OutboundCancelled.self, OutboundCancelFailed.self, OutboundOverdue.self, ReportIgnored.self,
            UploadConfirmed.self,
            UploadFailed.self,
        ], commands: [Seal.self, Release.self, Claim.self],
        effects: [OutboundCreation.self, OutboundCancellation.self, OutboundQuery.self, MarketplaceUpload.self, ERPUpload.self])

    public static func decide(_ state: ShipmentState, _ input: Input, _ context: Context) -> Decision<ShipmentEvent> {
        do throws(Refusal) {
            return .accept(withUploads(state, try events(state, input, context), context))
        } catch {
            return .refuse(error)
        }
    }

    private static func events(_ state: ShipmentState, _ input: Input, _ context: Context) throws(Refusal) -> [ShipmentEvent] {
        switch input {
        case .allocated(let event): allocated(state, event, context)
        case .deallocated(let event): ended(state, event.orderId, event.allocationId, event.merchantShopId, context)
        case .voided(let event): ended(state, event.orderId, event.allocationId, event.merchantShopId, context)
        case .recipientChanged(let event): recipientChanged(state, event, context)
        case .orderHeld(let event): held(state, event.orderId, cause(of: event.holds), context)
        case .orderCancelled(let event): held(state, event.orderId, .orderCancelled, context)
        case .resealed(let event): resealed(state, event, context)
        case .recipientRefused(let event): recipientRefused(state, event, context)
        case .returned(let event): returned(state, event)
        case .readdressed(let event): readdressed(state, event)
        case .sealed(let event): sealed(state, event, context)
        case .allocationRefused(let event, let orderId): sealRefused(state, event, orderId, context)
        case .claimed(let event): claimed(state, event)
        case .waybillRefused(let event, let orderId): claimRefused(state, event, orderId)
        case .ship(let command): try ship(state, command, context)
        case .amend(let command): try amend(state, command, context)
        case .retryUpload(let command): try retryUpload(state, command, context)
        case .uploaded(let target, let task, let outcome): uploaded(state, target, task, outcome, context)
        case .pullStatus(let command): try pullStatus(state, command, context)
        case .cancelOutbound(let command): try cancelOutbound(state, command, context)
        case .reportStatus(let command, let reading): try reportStatus(state, command, reading, context)
        case .created(let effect, let outcome): created(state, effect, outcome, context)
        case .cancelEnded(let effect, let outcome): cancelEnded(state, effect, outcome, context)
        case .queried(let effect, let outcome): queried(state, effect, outcome, context)
        }
    }

    // MARK: Events of the other services

    private static func allocated(_ state: ShipmentState, _ event: Allocated, _ context: Context) -> [ShipmentEvent] {
        guard let number = AllocationNumber.parse(event.allocationId, of: event.orderId) else { return [] }
        let isFactory = event.target.kind == .factory
        let known = ShipmentEvent.allocated(
            KnownAllocation(
                number: isFactory ? number : nil, merchant: event.merchantShopId, platform: event.platform,
                platformOrderNumber: event.platformOrderNumber, channelId: event.channelId))
        if isFactory { return [known] }
        var after = state
        evolve(&after, known)
        return [known] + allocatedToWarehouse(after, event, number, context)
    }

    private static func ended(
        _ state: ShipmentState, _ orderId: String, _ allocationId: String, _ merchant: String, _ context: Context
    ) -> [ShipmentEvent] {
        if let known = outbound(state, orderId, allocationId) { return takenBack(state, known, orderId, context) }
        guard let number = AllocationNumber.parse(allocationId, of: orderId), state.parcel(number)?.stage != .ended else { return [] }
        return [.ended(EndedAllocation(number: number, merchant: merchant))]
    }

    private static func returned(_ state: ShipmentState, _ event: Returned) -> [ShipmentEvent] {
        guard let number = AllocationNumber.parse(event.allocationId, of: event.orderId), !FactoryDropship.isOrder(event.orderId)
        else { return [] }
        if let parcel = state.parcel(number), !parcel.awaitsNumber { return [] }
        var ready = Ready()
        ready.orderId = event.orderId
        ready.allocationId = event.allocationId
        ready.merchantShopId = event.merchantShopId
        ready.factoryShopId = event.factoryShopId
        ready.carrier = event.carrier
        ready.waybillNumber = event.waybillNumber
        ready.extraNumbers = event.extraNumbers
        return [.ready(ready, number)]
    }

    private static func readdressed(_ state: ShipmentState, _ event: Readdressed) -> [ShipmentEvent] {
        guard let number = AllocationNumber.parse(event.allocationId, of: event.orderId), let parcel = state.parcel(number) else {
            return []
        }
        switch parcel.stage {
        case .ready: return [.unready(unready(parcel, event.orderId, state), number)]
        case .sealing: return parcel.isReaddressed == true ? [] : [.readdressed(number)]
        case .open, .shipped, .ended: return []
        }
    }

    static func unready(_ parcel: Parcel, _ orderId: String, _ state: ShipmentState) -> Unready {
        var message = Unready()
        message.orderId = orderId
        message.allocationId = AllocationNumber.id(orderId, parcel.number)
        message.merchantShopId = state.merchant ?? ""
        message.factoryShopId = parcel.factory ?? ""
        message.carrier = parcel.carrier ?? ""
        message.waybillNumber = parcel.waybillNumber ?? ""
        return message
    }

    // MARK: The state after it

    public static func evolve(_ state: inout ShipmentState, _ event: ShipmentEvent) {
        switch event {
        case .allocated(let known):
            state.merchant = known.merchant
            state.platform = known.platform
            state.platformOrderNumber = known.platformOrderNumber
            state.channelId = known.channelId
            if let number = known.number { state.change(number) { _ in } }
        case .ended(let ended):
            state.merchant = ended.merchant
            state.change(ended.number) { parcel in
                if parcel.stage == .open || parcel.stage == .ready { parcel = Parcel(ended.number, .ended) }
            }
        case .ready(let ready, let number):
            state.merchant = ready.merchantShopId
            state.change(number) { parcel in
                guard parcel.awaitsNumber else { return }
                if parcel.stage == .open { parcel.stage = .ready }
                parcel.isReaddressed = nil
                parcel.factory = ready.factoryShopId
                parcel.carrier = ready.carrier
                parcel.waybillNumber = ready.waybillNumber
                parcel.extraNumbers = ready.extraNumbers
            }
        case .readdressed(let number): state.change(number) { $0.isReaddressed = true }
        case .unready(_, let number):
            state.change(number) { parcel in
                parcel.stage = .open
                parcel.isReaddressed = nil
            }
        case .shipPending(let ship, let seals):
            for seal in seals {
                state.change(seal.number) { parcel in
                    parcel.stage = .sealing
                    parcel.seals = seal.attempt
                    parcel.request = seal.id
                }
            }
            state.ships = (state.ships ?? []) + [ship]
        case .shipped(let message, let number, _):
            state.change(number) { parcel in
                parcel.stage = .shipped
                parcel.returnAddressId = message.returnAddressId
                parcel.seals = nil
                parcel.isReaddressed = nil
                parcel.request = nil
            }
            state.endWait(for: number, shipped: true)
        case .sealRefused(let number, let wasTakenBack):
            state.change(number) { parcel in
                if wasTakenBack { parcel = Parcel(number, .ended) } else { parcel.stage = .ready }
                parcel.request = nil
            }
            state.endWait(for: number, shipped: false)
        case .amendPending(let amend): state.amends = (state.amends ?? []) + [amend]
        case .claimRequested(let claim, _):
            state.change(claim.number) { parcel in
                parcel.claims = claim.attempt
                parcel.request = claim.id
            }
        case .amended(let message, let number, _):
            state.change(number) { parcel in
                parcel.carrier = message.carrier
                parcel.waybillNumber = message.waybillNumber
                parcel.request = nil
            }
            state.endAmend(of: number)
        case .amendRefused(_, let number, _):
            state.change(number) { $0.request = nil }
            state.endAmend(of: number)
        case .upload(let event): state.evolve(event)
        case .outbound(let event): state.evolve(event)
        case .shipRefused: break
        }
    }
}
