import Contracts
import Machines

/// The parcels after a step.
extension FactoryParcels {
    mutating func apply(_ step: Step) {
        switch step {
        case .opened(let number): change(number) { _ in }
        case .ended(let number):
            change(number) { parcel in
                if parcel.stage == .open || parcel.stage == .ready { parcel = Parcel(number, .ended) }
            }
        case .ready(let ready, let number):
            change(number) { parcel in
                guard parcel.awaitsNumber else { return }
                if parcel.stage == .open { parcel.stage = .ready }
                parcel.isReaddressed = nil
                parcel.factory = ready.factoryShopId
                parcel.carrier = ready.carrier
                parcel.waybillNumber = ready.waybillNumber
                parcel.extraNumbers = ready.extraNumbers
            }
        case .readdressed(let number): change(number) { $0.isReaddressed = true }
        case .unready(_, let number):
            change(number) { parcel in
                parcel.stage = .open
                parcel.isReaddressed = nil
            }
        case .shipPending(let ship, let seals):
            for seal in seals {
                change(seal.number) { parcel in
                    parcel.stage = .sealing
                    parcel.seals = seal.attempt
                    parcel.request = seal.id
                }
            }
            ships = (ships ?? []) + [ship]
        case .shipped(let message, let number, _):
            change(number) { parcel in
                parcel.stage = .shipped
                parcel.returnAddressId = message.returnAddressId
                parcel.seals = nil
                parcel.isReaddressed = nil
                parcel.request = nil
            }
            endWait(for: number, shipped: true)
        case .sealRefused(let number, let wasTakenBack):
            change(number) { parcel in
                if wasTakenBack { parcel = Parcel(number, .ended) } else { parcel.stage = .ready }
                parcel.request = nil
            }
            endWait(for: number, shipped: false)
        case .amendPending(let amend): amends = (amends ?? []) + [amend]
        case .claimRequested(let claim, _):
            change(claim.number) { parcel in
                parcel.claims = claim.attempt
                parcel.request = claim.id
            }
        case .amended(let message, let number, _):
            change(number) { parcel in
                parcel.carrier = message.carrier
                parcel.waybillNumber = message.waybillNumber
                parcel.request = nil
            }
            endAmend(of: number)
        case .amendRefused(_, let number, _):
            change(number) { $0.request = nil }
            endAmend(of: number)
        case .shipRefused: break
        }
    }
}

extension FactoryParcels {
    func parcel(_ number: Int) -> Parcel? { list?.first { $0.number == number } }

    /// Changes the parcel with this number; there is one after it.
    mutating func change(_ number: Int, _ body: (inout Parcel) -> Void) {
        var all = list ?? []
        let index = all.firstIndex { $0.number >= number } ?? all.endIndex
        if index == all.endIndex || all[index].number != number { all.insert(Parcel(number, .open), at: index) }
        body(&all[index])
        list = all
    }

    /// The seal of this parcel has come to an end: nobody waits for it any more.
    mutating func endWait(for number: Int, shipped: Bool) {
        guard var all = ships else { return }
        for index in all.indices where all[index].waits.contains(number) {
            all[index].waits.removeAll { $0 == number }
            if shipped { all[index].hasShipped = true }
        }
        all.removeAll { $0.waits.isEmpty }
        ships = all.isEmpty ? nil : all
    }

    func firstAmend(of number: Int) -> PendingAmend? { amends?.first { $0.number == number } }

    mutating func endAmend(of number: Int) {
        guard let index = amends?.firstIndex(where: { $0.number == number }) else { return }
        amends?.remove(at: index)
        if amends?.isEmpty == true { amends = nil }
    }
}
