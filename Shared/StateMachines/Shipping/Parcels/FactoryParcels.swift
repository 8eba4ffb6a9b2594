public import Contracts
public import JSON
public import Machines

/// An order's parcels at factories, and the sealing saga: the part of a shipment that its merchant ships.
///
/// What allocation and waybill tell comes on two topics, in any order between the two, and may be told again. The answer of a `ship`
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
/// - An order that the platform gave to a factory by itself is not shipped here: no `ready`; `ship` and `amend` are `forbidden`.
/// - `amend`s of one parcel are carried out one after another; the number it has already is claimed too, which waybill grants.
public struct FactoryParcels: DefaultInitializable, Equatable {
    /// One for each allocation to a factory, by number.
    var list: [Parcel]?
    /// Those that wait for seals, in the order in which they came.
    var ships: [PendingShip]?
    /// Those that wait for a number, in the order in which they came. The first of each parcel has been asked for.
    var amends: [PendingAmend]?

    public init() {}

    public static let fields = Fields<FactoryParcels>(Field("list", \.list), Field("ships", \.ships), Field("amends", \.amends))
}

extension FactoryParcels {
    /// Numbers are those of the allocations.
    public enum Step: Publishable {
        case opened(Int)
        case ended(Int)
        case ready(Ready, Int)
        /// Its recipient has changed while it is being sealed.
        case readdressed(Int)
        case unready(Unready, Int)

        /// A `ship` has to wait; allocation is asked for these seals (none: an earlier `ship` asked).
        case shipPending(PendingShip, [Request<Seal>])
        case shipped(Shipped, Int, Origin)
        /// The seal was refused; the allocation was taken back, or can be tried again.
        case sealRefused(Int, wasTakenBack: Bool)
        case shipRefused(Refusal, Origin)

        case amendPending(PendingAmend)
        case claimRequested(Request<Claim>, Origin)
        case amended(Amended, Int, Origin)
        case amendRefused(Refusal, Int, Origin)

        public func publish(to outbox: some Outbox) {
            switch self {
            case .opened, .ended, .readdressed, .sealRefused, .amendPending: break
            case .ready(let message, _): outbox.event(message)
            case .unready(let message, _): outbox.event(message)
            case .shipPending(let ship, let seals):
                for seal in seals { outbox.command(seal.message, id: seal.id, origin: ship.origin) }
            case .shipped(let message, _, let origin): outbox.event(message, origin: origin)
            case .shipRefused(let refusal, let origin): outbox.refuse(refusal, origin: origin)
            case .claimRequested(let claim, let origin):
                outbox.command(claim.message, id: claim.id, origin: origin)
            case .amended(let message, _, let origin): outbox.event(message, origin: origin)
            case .amendRefused(let refusal, _, let origin): outbox.refuse(refusal, origin: origin)
            }
        }
    }

    // MARK: What the other services tell

    func allocated(_ number: Int) -> [Step] { parcel(number) == nil ? [.opened(number)] : [] }

    func ended(_ number: Int) -> [Step] { parcel(number)?.stage == .ended ? [] : [.ended(number)] }

    func returned(_ event: Returned) -> [Step] {
        guard let number = AllocationNumber.parse(event.allocationId, of: event.orderId), !FactoryDropship.isOrder(event.orderId)
        else { return [] }
        if let parcel = parcel(number), !parcel.awaitsNumber { return [] }
        let ready = Ready(
            orderId: event.orderId, allocationId: event.allocationId, merchantShopId: event.merchantShopId,
            factoryShopId: event.factoryShopId, carrier: event.carrier, waybillNumber: event.waybillNumber, extraNumbers: event.extraNumbers
        )
        return [.ready(ready, number)]
    }

    func readdressed(_ event: Readdressed, _ order: ShippedOrder) -> [Step] {
        guard let number = AllocationNumber.parse(event.allocationId, of: event.orderId), let parcel = parcel(number) else {
            return []
        }
        switch parcel.stage {
        case .ready: return [.unready(Self.unready(parcel, event.orderId, order), number)]
        case .sealing: return parcel.isReaddressed == true ? [] : [.readdressed(number)]
        case .open, .shipped, .ended: return []
        }
    }

    static func unready(_ parcel: Parcel, _ orderId: String, _ order: ShippedOrder) -> Unready {
        Unready(
            orderId: orderId, allocationId: AllocationNumber.id(orderId, parcel.number), merchantShopId: order.merchant ?? "",
            factoryShopId: parcel.factory ?? "", carrier: parcel.carrier ?? "", waybillNumber: parcel.waybillNumber ?? "")
    }

    var hasShipped: Bool { list?.contains { $0.stage == .shipped } ?? false }
}
